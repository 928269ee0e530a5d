"""An OpenAI-compatible server for rehearsals, load tests and demos. It is no language model.

It answers by rules: it quotes sentences and values of the document that share words with the prompt. The same
seed, document, prompt and model always get the same answer, so that runs can be repeated.
"""

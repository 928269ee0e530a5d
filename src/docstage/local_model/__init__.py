"""A real language model that docstage runs: a GGUF file, served by llama.cpp in a process of its own.

llama.cpp comes as the library xllamacpp (MIT, as llama.cpp itself), which the extra `local` brings.
"""

"""By which codes and words servers tell what is wrong, and what to do about it.

Codes for programs come before words for people, and both before the status: the same status stands for many
kinds, and the same words mean different things. A rate limit that names a time is one that time heals,
whatever else is said about plans and billing; only what says that credit is used up needs a person.
The codes and words are those that OpenAI, Azure, Anthropic, Google, Amazon Bedrock, Mistral, Groq,
OpenRouter, xAI, DeepSeek, Together, Fireworks, Perplexity, Cohere, LiteLLM, Ollama, LM Studio, vLLM,
llama.cpp, TGI, Cloudflare and nginx document, or answer in public reports.
"""

import re
from collections.abc import Container
from dataclasses import dataclass

from docstage.domain.tasks import FailureKind
from docstage.models.error_bodies import ErrorBody

_ANY: Container[int] = range(1_000)
_REJECTIONS = frozenset({400, 404, 405, 406, 409, 410, 412, 413, 415, 416, 422, 424, 451})
_DENIALS = frozenset({401, 402, 403})
_REFUSED = _REJECTIONS | _DENIALS
UNKNOWN_STATUS = 0
"""Of an error within an answer of status 200 that tells no status of its own: only codes and words count."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Tells a kind by codes or by words.

    Attributes:
        kind: that it tells.
        codes: one of them is enough.
        words: found in the message; not looked for in web pages, which say anything.
        statuses: with which it holds.
        unless: words with which it does not.
        timeless: it holds only where the server names no time to come again.
        advice: a sentence that says what happened or what to do, or empty.
    """

    kind: FailureKind
    codes: frozenset[str] = frozenset()
    words: re.Pattern[str] | None = None
    statuses: Container[int] = _ANY
    unless: re.Pattern[str] | None = None
    timeless: bool = False
    advice: str = ""

    def fits(self, status: int, error: ErrorBody, names_time: bool) -> bool:
        """Whether the answer is of this kind."""
        if (status != UNKNOWN_STATUS and status not in self.statuses) or (self.timeless and names_time):
            return False
        if self.unless is not None and self.unless.search(error.message):
            return False
        if self.codes & error.codes:
            return True
        return self.words is not None and not error.is_page and bool(self.words.search(error.message))


def _words(alternatives: str) -> re.Pattern[str]:
    """A pattern of several, which stand on lines of their own or have ` | ` between them."""
    split = re.split(r"\s*\n\s*|\s+\|\s+", alternatives.strip())
    return re.compile("|".join(split), re.IGNORECASE | re.DOTALL)


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RATE_WORDS = _words(
    r"""
    rate[ _-]?limit(?!error) | too many requests | too many tokens | throttl | requests? per
    tokens per
    per[ _-]?(?:minute|hour|day) | \bdaily\b | \bhourly\b | max parallel request | slow down
    resource (?:has been )?exhausted | generativelanguage\.googleapis | no deployments available
    """
)

# In this order: the first that fits decides.
RULES: tuple[Rule, ...] = (
    Rule(
        FailureKind.CUT_OFF,
        words=_words(r"could not finish the message because max_tokens"),
        advice="Reasoning took the whole output limit: raise the connection's output limit.",
    ),
    Rule(
        FailureKind.BAD_ANSWER,
        _codes("json_validate_failed tool_use_failed output_parse_failed"),
        _words(
            r"""
            failed to (?:generate|validate) json | failed to parse input at pos
            """
        ),
        advice="The model wrote something that the server could not use.",
    ),
    Rule(
        FailureKind.REFUSAL,
        _codes(
            """
            invalid_prompt content_filter content_policy_violation responsibleaipolicyviolation
            contentpolicyviolationerror data_inspection_failed datainspectionfailed cyber_policy
            prohibited_content image_content_policy_violation moderation_blocked safety content_blocked
            """
        ),
        _words(
            r"""
            content[ _](?:policy|management policy) | content[ _]filter | responsibleai
            violat\w+ (?:our |the )?usage (?:policy|policies|guidelines) | usage guidelines
            (?:prompt|input|content|request) (?:was|were|is|has been)? ?(?:flagged|blocked|moderated)
            requires moderation | moderation | content exists risk | considered high risk
            inappropriate content | safety system | contentpolicyviolation | 敏感内容
            不安全 | blocked by .{0,40}(?:guardrail|safety)
            """
        ),
        _REFUSED,
        advice="The provider declines this question about this document.",
    ),
    # More tokens in one request than the account may send in a minute: waiting never mends it.
    Rule(
        FailureKind.CONTEXT_OVERFLOW,
        words=_words(
            r"""
            request too large | tokens must be reduced | reduce your message size
            long context requests | long context beta
            """
        ),
        statuses=frozenset({400, 413, 429}),
        advice="The request is larger than this account may send at once.",
    ),
    Rule(
        FailureKind.QUOTA,
        _codes(
            """
            insufficient_quota billing_hard_limit_reached billing_not_active billing_error
            account_deactivated budget_exceeded exceededbudget insufficient_balance insufficient_credits
            insufficient_funds exceeded_current_quota_error arrearage payment_required
            credit_balance_too_low access_terminated_error out_of_credits spend_limit_reached
            """
        ),
        _words(
            r"""
            insufficient[_ ](?:quota|balance|credits?|funds) | credit balance | out of credits
            spend(?:ing)?[ _](?:limit|cap) | payment required | exceeded_current_quota
            used (?:up )?all (?:available |your )?credits
            credits? (?:are|is|have been) (?:depleted|exhausted)
            (?:have|has) (?:any |no |not enough )+(?:more )?credits | not enough credits
            requires more credits | have any credits | purchase (?:more )?credits
            (?:credit|key) limit exceeded | run out of credit | budget (?:has been |was )?exceeded
            exceeded (?:their|its|your|the) (?:max )?budget | budgetexceeded | exceededbudget
            余额不足 | 账户余额 | 欠费 | over budget | specified api usage limits
            monthly (?:included|usage|quota|limit|credit)
            per month | / ?month\b | limit: 0\b(?!\.) | account .{0,60}suspended | past invoices
            billing hard limit | billing_not_active | account is not active | overdue | in arrears
            """
        ),
        _REFUSED | {429, 500},
        advice="Credit, a quota or a spending limit with the provider is used up.",
    ),
    Rule(
        FailureKind.RATE_LIMITED,
        _codes(
            """
            slow_down throttlingexception throttling toomanyrequestsexception rate_limit_exceeded
            rate_limit_error rate_limited ratelimitexceeded dailylimitexceeded userratelimitexceeded
            resource_exhausted too_many_requests service_tier_capacity_exceeded engine_overloaded_error
            """
        ),
        _words(
            r"""
            error code:? 1015 | no deployments available for selected model
            """
        ),
    ),
    Rule(
        FailureKind.QUOTA,
        words=_words(
            r"""
            billing | exceeded your current quota | upgrade (?:your plan|to a paid)
            """
        ),
        statuses=frozenset({400, 401, 403, 429}),
        unless=_RATE_WORDS,
        timeless=True,
        advice="Credit, a quota or a spending limit with the provider is used up.",
    ),
    Rule(FailureKind.RATE_LIMITED, words=_words(r"litellm\.ratelimiterror")),
    Rule(FailureKind.TIMEOUT, words=_words(r"litellm\.timeout")),
    Rule(
        FailureKind.REJECTED_INPUT,
        _codes(
            """
            invalid_image invalid_image_format image_parse_error image_too_large invalid_image_url
            """
        ),
        _words(
            r"""
            image input(?: modality)? is not (?:supported|enabled)
            (?:not|n't|endpoints found that) support (?:\w+ )?(?:image|vision|multimodal|picture)
            not a multimodal | image_url.{0,40}(?:not supported|only supported|expected `?text)
            unknown variant `?image_url | support(?:s)? the image content block
            at most \d+ images?
            too many images | could not process image | missing data required for image
            image (?:dimensions |size )?exceeds?
            (?:unsupported|invalid|malformed) (?:base64 )?image
            (?:unable to|failed to|cannot) (?:process|decode|load) (?:the |input )?image
            """
        ),
        _REJECTIONS | {500},
        advice="The model does not take the pictures of this document.",
    ),
    Rule(
        FailureKind.CONTEXT_OVERFLOW,
        _codes(
            """
            context_length_exceeded exceed_context_size_error context_window_exceeded
            string_above_max_length contextwindowexceedederror request_too_large input_too_long
            model_context_window_exceeded
            """
        ),
        _words(
            r"""
            context_length_exceeded | exceed_context_size | (?:maximum|max|available) context
            context (?:length|window|size) | contextwindowexceeded | context the overflows
            context overflow | (?:prompt|input|message|request) (?:is|was) too (?:long|large)
            must be at least 1, got -\d+ | input[_ ]too[_ ]long | input token count
            reduce the length
            too many (?:input |total )?tokens(?!,? please| per| before) | prompt contains \d+ tokens
            exceeds the maximum number of (?:input )?tokens | inputs?`? tokens \+
            maximum (?:input|prompt) (?:length|tokens) | exceeds the limit of \d+ tokens
            """
        ),
        frozenset({400, 413, 416, 422, 500}),
        advice="Document and prompt are longer than the model takes.",
    ),
    Rule(
        FailureKind.BAD_REQUEST,
        words=_words(
            r"""
            temperature.{0,80}(?:not support|unsupported|only the default|deprecated|may only be|must be)
            temperature.{0,80}(?:cannot both|range|between|greater|less than)
            unsupported (?:value|parameter).{0,20}temperature
            """
        ),
        statuses=_REJECTIONS,
        advice="The model does not take this temperature: clear the connection's temperature.",
    ),
    Rule(
        FailureKind.BAD_REQUEST,
        words=_words(
            r"""
            max_completion_tokens' instead | max_tokens'? is not supported
            use '?max_completion_tokens
            """
        ),
        statuses=_REJECTIONS,
        advice="The model takes its output limit only as `max_completion_tokens`, as those of OpenAI do that "
        "reason: use the provider `openai`, or a name that tells the model, such as gpt-5-mini.",
    ),
    Rule(
        FailureKind.BAD_REQUEST,
        words=_words(
            r"""
            (?:reasoning[_. ]effort|thinking\w*|budget_tokens).{0,120}(?:not support|unsupported|invalid)
            (?:reasoning[_. ]effort|thinking\w*|budget_tokens).{0,120}(?:cannot|must|only)
            (?:reasoning|thinking)\w*.{0,80}(?:mandatory|not allowed|does not|expected|unknown|unrecognized)
            (?:not support|unsupported|unknown|unrecognized).{0,60}(?:reasoning|thinking)
            reasoning is mandatory | budget \d+ is invalid
            """
        ),
        statuses=_REJECTIONS,
        advice="The model does not take the connection's reasoning: choose another level, or leave it to the "
        "provider.",
    ),
    Rule(
        FailureKind.BAD_REQUEST,
        _codes("invalid_json_schema schema_too_complex"),
        _words(
            r"""
            response_format | json[_ ]schema | invalid schema | output_config | response_?schema
            (?:parse|invalid|compile|convert\w*|unsupported).{0,40}grammar
            grammar.{0,40}(?:error|fail|invalid) | initialize samplers
            can handle the requested parameters | schema.{0,80}(?:not support|too complex|too many)
            guided decoding | compiled grammar
            """
        ),
        _REJECTIONS | {500},
        advice="The server does not take the prompt's schema: simplify it, or use another connection.",
    ),
    Rule(
        FailureKind.UNKNOWN_MODEL,
        words=_words(
            r"""
            requires more system memory
            (?:failed|unable|error|cannot)(?: to)? load(?:ing)? (?:the )?model
            insufficient system resources | out of memory.{0,40}load | model.{0,40}fail\w* to load
            """
        ),
        statuses=_ANY,
        advice="The server cannot load the model: free memory for it, or choose a smaller one.",
    ),
    Rule(
        FailureKind.UNKNOWN_MODEL,
        words=_words(r"on-demand throughput | inference profile"),
        statuses=_REFUSED,
        advice="Bedrock has this model only as an inference profile: put its region before the name, such as "
        "us.anthropic.claude-…",
    ),
    Rule(
        FailureKind.UNKNOWN_MODEL,
        words=_words(r"no models? (?:is |are )?(?:currently )?loaded"),
        statuses=_ANY,
        advice="The server has loaded no model: load it there.",
    ),
    Rule(
        FailureKind.UNKNOWN_MODEL,
        _codes(
            """
            model_not_found invalid_model modelnotfound model_not_available model_decommissioned
            model_terminated deploymentnotfound unknown_model model_not_exist key_model_access_denied
            team_model_access_denied resourcenotfoundexception model_not_supported unsupported_model
            modelnotsupported
            """
        ),
        _words(
            r"""
            model_not_found | invalid_model\b | invalid model\b | not a valid model | no such model
            models?\b.{0,200}?(?:not (?:found|exist)|does ?n[o']t exist|does not exist|not have access)
            have access to (?:the )?model | allowed to access model | ^model:  | unknown model
            no (?:endpoints found|allowed providers) | model identifier is invalid
            not a chat model
            only supported in v1/ | decommissioned | end of its life
            (?:been|is|was) (?:retired|discontinued) | marked by provider as legacy
            deployment .{0,80}(?:does not exist|not found|not ready)
            not supported for generatecontent
            model .{0,80}not (?:supported|available) in (?:this |your )?(?:region|location)
            litellm\.notfounderror | unsupported model
            model .{0,80}no longer (?:available|supported)
            """
        ),
        _REFUSED,
        advice="The server does not serve this model to this key.",
    ),
    Rule(
        FailureKind.AUTH,
        _codes("unsupported_country_region_territory request_forbidden"),
        _words(
            r"""
            (?:location|country|region|territory).{0,40}(?:not (?:supported|available)|unsupported)
            not available in your (?:country|region)
            """
        ),
        _REFUSED,
        advice="The provider does not serve the place from which this machine reaches it.",
    ),
    Rule(
        FailureKind.AUTH,
        words=_words(
            r"""
            (?:organization|account) must be verified | verify (?:your )?organization
            use case details have not been submitted | terms acceptance | accept the terms
            """
        ),
        statuses=_REFUSED,
        advice="The provider wants the account to be verified first, on its own pages.",
    ),
    Rule(
        FailureKind.AUTH,
        _codes(
            """
            api_key_invalid invalid_api_key authentication_error authenticationerror auth_error
            unauthenticated unauthorized permission_denied permission_error service_disabled
            unrecognizedclientexception expiredtokenexception expiredtoken accessdeniedexception
            invalidsignatureexception incompletesignatureexception missingauthenticationtokenexception
            invalid_authentication_error
            """
        ),
        _words(
            r"""
            api[_ ]key.{0,40}(?:not valid|invalid|expired|incorrect|missing|not found|required)
            api[_ ]key.{0,40}(?:leaked|revoked)
            (?:invalid|incorrect|missing|expired|wrong|no) (?:api[_ ]?key|auth(?:entication|orization)?\b)
            (?:invalid|missing|expired|no) (?:credentials?|(?:access|bearer|proxy server) token)
            operation not allowed | litellm\.authenticationerror | security token
            authentication(?: error| fail| required) | unauthori[sz]ed
            signature.{0,40}(?:match|expired|invalid) | not (?:been )?(?:authori[sz]ed|authenticated)
            """
        ),
        _REFUSED | {407},
    ),
    Rule(
        FailureKind.OVERLOADED,
        _codes(
            """
            overloaded_error server_error internal_server_error serviceunavailableexception
            modelnotreadyexception modelerrorexception modeltimeoutexception internalserverexception
            unavailable_error engine_overloaded service_unavailable overloaded
            """
        ),
        _words(
            r"""
            \boverloaded\b | server (?:is )?busy | loading model
            model is (?:still |currently )?loading
            (?:model|runner).{0,40}(?:crashed|unloaded|terminated) | at capacity
            temporarily unavailable | maximum pending requests
            """
        ),
        _REJECTIONS | {403} | frozenset(range(500, 600)),
    ),
    # What the server could not make of the request, however often it is tried.
    Rule(
        FailureKind.BAD_REQUEST,
        words=_words(
            r"""
            jinja | chat template | unexpected message role | roles? must alternate
            not implemented
            is not supported by this (?:server|model)
            """
        ),
        statuses=frozenset({400, 422, 500, 501}),
        advice="The server cannot make anything of such a request, however often it is sent.",
    ),
)

"""What can go wrong with the stand-in, on request.

Faults come in three groups:

- `SUBMIT_*` and `READ_*` bend one HTTP exchange; `times` counts exchanges. `READ_*` means every call but
  a submit, cancel included.
- Refusals and single odd answers (`TOKEN_EXPIRED`, `UNKNOWN_STATUS_WORD`, ...) count exchanges too.
- The rest belongs to a render: it is given to the first render it matters to and stays with it, so that
  the same question keeps getting the same answer; `times` counts renders.
"""

from collections import Counter
from enum import StrEnum


class Fault(StrEnum):
    """One way to misbehave."""

    # --- one exchange, submits ------------------------------------------------------------------------
    SUBMIT_RESET_BEFORE = "submit-reset-before"
    """The connection is reset before the submit is looked at: nothing was started."""
    SUBMIT_RESET_MIDDLE = "submit-reset-middle"
    """The render is started, and the connection reset in the middle of the answer."""
    SUBMIT_RESET_AFTER = "submit-reset-after"
    """The render is started, and the connection reset without a byte of answer."""
    SUBMIT_HANG = "submit-hang"
    """The render is started, and no answer comes until the stand-in stops."""
    SUBMIT_429 = "submit-429"
    """HTTP 429 with nothing else; nothing was started."""
    SUBMIT_429_RETRY_AFTER = "submit-429-retry-after"
    """HTTP 429 with `Retry-After` (`Faults.retry_after`); nothing was started."""
    SUBMIT_408 = "submit-408"
    """The render is started, and HTTP 408 answered."""
    SUBMIT_502_HTML = "submit-502-html"
    """The render is started, and a gateway answers HTTP 502 with an HTML page."""
    SUBMIT_500_CODE = "submit-500-code"
    """The render is started, and HTTP 500 with code 500001 answered."""
    SUBMIT_REDIRECT = "submit-redirect"
    """HTTP 307 to the same call; a client that follows it submits a second time."""
    SUBMIT_200_ERROR_CODE = "submit-200-error-code"
    """HTTP 200 whose body is code 400001; nothing was started."""
    SUBMIT_200_ERROR_CODE_AND_ID = "submit-200-error-code-and-id"
    """The render is started, and the answer has an error code and the request id."""
    SUBMIT_MALFORMED_JSON = "submit-malformed-json"
    """The render is started, and the HTTP 200 body is no JSON."""
    SUBMIT_TRUNCATED_JSON = "submit-truncated-json"
    """The render is started, and the HTTP 200 body stops half-way (its length is declared so)."""
    SUBMIT_NOT_AN_OBJECT = "submit-not-an-object"
    """The render is started, and the HTTP 200 body is a JSON list."""
    SUBMIT_EMPTY = "submit-empty"
    """The render is started, and the HTTP 200 body is empty."""
    SUBMIT_OVERSIZED = "submit-oversized"
    """The render is started, and the HTTP 200 body is 2 MiB of JSON."""
    SUBMIT_WITHOUT_ID = "submit-without-id"
    """The render is started, and the answer has no `request_id`."""
    SUBMIT_BAD_ID = "submit-bad-id"
    """The render is started, and the answer's `request_id` is a relative path."""

    # --- one exchange, everything else ----------------------------------------------------------------
    READ_RESET_BEFORE = "read-reset-before"
    """The connection is reset before the call is looked at."""
    READ_RESET_MIDDLE = "read-reset-middle"
    """The connection is reset in the middle of the answer."""
    READ_RESET_AFTER = "read-reset-after"
    """The call takes effect, and the connection is reset without a byte of answer."""
    READ_HANG = "read-hang"
    """No answer comes until the stand-in stops."""
    READ_429 = "read-429"
    """HTTP 429 with nothing else."""
    READ_429_RETRY_AFTER = "read-429-retry-after"
    """HTTP 429 with `Retry-After` (`Faults.retry_after`)."""
    READ_408 = "read-408"
    """HTTP 408."""
    READ_502_HTML = "read-502-html"
    """A gateway answers HTTP 502 with an HTML page."""
    READ_404_HTML = "read-404-html"
    """A gateway answers HTTP 404 with an HTML page: no word about the request."""
    READ_500_CODE = "read-500-code"
    """HTTP 500 with code 500001."""
    READ_REDIRECT = "read-redirect"
    """HTTP 307 to the same call."""
    READ_200_ERROR_CODE = "read-200-error-code"
    """HTTP 200 whose body is code 500001."""
    READ_MALFORMED_JSON = "read-malformed-json"
    """HTTP 200 whose body is no JSON."""
    READ_TRUNCATED_JSON = "read-truncated-json"
    """HTTP 200 whose JSON stops half-way."""
    READ_NOT_AN_OBJECT = "read-not-an-object"
    """HTTP 200 whose body is a JSON list."""
    READ_EMPTY = "read-empty"
    """HTTP 200 without a body."""
    READ_OVERSIZED = "read-oversized"
    """HTTP 200 with 2 MiB of JSON."""

    # --- refusals and single odd answers --------------------------------------------------------------
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - a fault's name
    """Any call: HTTP 400 with code 400004."""
    UNAUTHORISED_401 = "unauthorised-401"
    """Any call: a bare HTTP 401."""
    FORBIDDEN_403 = "forbidden-403"
    """Any call: a bare HTTP 403."""
    PAYMENT_REQUIRED_402 = "payment-required-402"
    """Any call: a bare HTTP 402."""
    SOMEBODY_ELSES = "somebody-elses"
    """Status, result, cancel: code 403001, the request belongs to another account."""
    OUT_OF_FUNDS = "out-of-funds"
    """Submit: HTTP 400 with code 400002, whatever the balance."""
    UNKNOWN_MODEL = "unknown-model"
    """Submit and model: HTTP 400 with code 400001, whatever the id."""
    INPUT_REFUSED = "input-refused"
    """Submit: HTTP 422 with code 422001 and a `detail` list of objects."""
    UNKNOWN_STATUS_WORD = "unknown-status-word"
    """Status and result say a word nobody has described."""
    CANCEL_WITHOUT_OUTCOME = "cancel-without-outcome"
    """Cancel takes effect, and the answer has the state alone."""
    MODELS_BARE_LIST = "models-bare-list"
    """The catalogue answers a list, not an object with a list."""
    BALANCE_IN_MICRODOLLARS = "balance-in-microdollars"
    """The balance comes as `balance_microdollars` alone."""

    # --- a render: its way ----------------------------------------------------------------------------
    NEVER_FINISHES = "never-finishes"
    """It renders for ever and keeps its place; decided when it starts."""
    NOT_CANCELLABLE = "not-cancellable"
    """It cannot be cancelled even while it is queued."""
    GONE = "gone"
    """Status, result and cancel answer code 404001."""
    RESULT_GONE = "result-gone"
    """Only the result answers code 404001."""

    # --- a render: its words --------------------------------------------------------------------------
    ODD_SPELLING = "odd-spelling"
    """`pending`, `processing`, `Succeeded`, `Failed`, `canceled`."""
    OTHER_SPELLING = "other-spelling"
    """`waiting`, `starting`, `Completed`."""
    UPPER_CASE = "upper-case"
    """The usual words in capitals."""
    STATUS_SAYS_FAILED = "status-says-failed"
    """Status says `failed` for a failure, where usually only the result does."""
    RESULT_SAYS_COMPLETED = "result-says-completed"
    """Result says `completed` for success and failure alike."""
    POSITION_AS_TEXT = "position-as-text"
    """`queue_position` is a text of digits."""

    # --- a render: its end ----------------------------------------------------------------------------
    FAILS_WITH_TEXT = "fails-with-text"
    """It fails; `error` is a text."""
    FAILS_WITH_OBJECT = "fails-with-object"
    """It fails; `error` is an object with a code and a message."""
    FAILS_WITHOUT_ERROR = "fails-without-error"
    """It fails; there is no `error`."""
    SENSITIVE_CONTENT = "sensitive-content"
    """Moderation refuses the video; the text contains `SensitiveContentDetected`."""
    SENSITIVE_AUDIO = "sensitive-audio"
    """Moderation refuses the soundtrack; with `generate_audio` false it would have passed."""
    RESULT_WITHOUT_VIDEO = "result-without-video"
    """It succeeds with an image and no video."""
    RESULT_WITHOUT_OUTPUT = "result-without-output"
    """It succeeds without `output`."""
    RESULT_VIDEOS = "result-videos"
    """The output has `videos` with two addresses, and no `video`."""
    RESULT_BOTH = "result-both"
    """The output has `video`, and `videos` with the same address and a second one."""
    COST_MISSING = "cost-missing"
    """The result has no cost."""
    COST_AS_TEXT = "cost-as-text"
    """The result's cost is a text."""

    # --- a render: its file ---------------------------------------------------------------------------
    OUTPUT_DEAD = "output-dead"
    """The file's address answers HTTP 404."""
    OUTPUT_UNAVAILABLE = "output-unavailable"
    """The file's address answers HTTP 503 with an HTML page."""
    OUTPUT_SILENT = "output-silent"
    """Half of the file comes, and then nothing until the stand-in stops."""
    OUTPUT_SLOW = "output-slow"
    """The file comes a few bytes at a time (`Faults.slow_pause_s` apart)."""
    OUTPUT_CUT = "output-cut"
    """The connection is reset in the middle of the file."""
    OUTPUT_ENDLESS = "output-endless"
    """The file never ends, and its length is not declared."""
    OUTPUT_TOO_LARGE = "output-too-large"
    """The file declares 4 GiB and never ends."""
    OUTPUT_NOT_A_VIDEO = "output-not-a-video"
    """An HTML page under the name and type of a video."""
    OUTPUT_REDIRECTED = "output-redirected"
    """A redirect to a host that is not RunComfy's."""
    OUTPUT_REDIRECTED_PRIVATE = "output-redirected-private"
    """A redirect to an address inside the bot's own network."""


class Faults:
    """The faults in force.

    Attributes:
        retry_after: what `Retry-After` says where a fault sends it (seconds or an HTTP date).
        error_key: the name under which an error's text is sent.
        error_code_as_text: whether `error_code` is a text of digits.
        error_http_status: the HTTP status of every refusal that has a code; None for the usual one.
        quoted: what every error's text says besides, such as the caller's own token.
        slow_pause_s: the pause (seconds) between two pieces of a slow file.
    """

    def __init__(self) -> None:
        self.retry_after = "1"
        self.error_key = "error_message"
        self.error_code_as_text = False
        self.quoted = ""
        self.error_http_status: int | None = None
        self.slow_pause_s = 0.05
        self._left: dict[Fault, int | None] = {}
        self._held: dict[str, set[Fault]] = {}
        self.hits: Counter[Fault] = Counter()

    def add(self, fault: Fault, *, times: int | None = 1) -> None:
        """Put a fault in force for a number of exchanges or renders; None is for ever."""
        self._left[fault] = times

    def clear(self) -> None:
        """End every fault, also for renders that had caught one."""
        self._left.clear()
        self._held.clear()

    def take(self, fault: Fault) -> bool:
        """Use up one of a fault's times, and tell whether there was one."""
        if fault not in self._left:
            return False
        left = self._left[fault]
        if left is not None:
            if left > 1:
                self._left[fault] = left - 1
            else:
                del self._left[fault]
        self.hits[fault] += 1
        return True

    def holds(self, request_id: str, fault: Fault) -> bool:
        """Tell whether a render has a fault, giving it one that is in force."""
        held = self._held.setdefault(request_id, set())
        if fault not in held and self.take(fault):
            held.add(fault)
        return fault in held

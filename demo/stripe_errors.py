"""How the stand-in says no: in Stripe's own shape."""

from typing import Any


class ApiError(Exception):
    """A refusal as Stripe words it: HTTP status, type, code, parameter and a sentence.

    `kept` says whether the refusal is an answer of the endpoint itself, which an idempotency key remembers,
    or came before it began (a parameter that is wrong), which it does not.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        kept: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.type = message, status, type
        self.code, self.param, self.kept, self.more = code, param, kept, more

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON that Stripe would send."""
        error: dict[str, Any] = {}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = "https://stripe.com/docs/error-codes/" + self.code.replace("_", "-")
        error["message"] = self.message
        if self.param:
            error["param"] = self.param
        error["request_log_url"] = f"https://dashboard.stripe.com/test/logs/{request_id}"
        error["type"] = self.type
        return {"error": error | self.more}


class NotPossible(Exception):
    """The control page, or a test, asked for something that cannot happen to this object."""


def missing(kind: str, id: str, param: str, *, status: int = 404) -> ApiError:
    """There is no such object."""
    return ApiError(f"No such {kind}: '{id}'", status=status, code="resource_missing", param=param)


def required(param: str) -> ApiError:
    """A parameter that must be there is not."""
    return ApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)

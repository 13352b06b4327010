"""A request as it may really come: whatever in it cannot be read is the sender's fault (400), never ours (500)."""

from typing import Any
from urllib.parse import quote_from_bytes

import litestar
from litestar.datastructures import FormMultiDict
from litestar.exceptions import ClientException
from litestar.types import Scope

_ASCII = bytes(range(0x80)).decode()


class Request(litestar.Request[Any, Any, Any]):
    """Litestar's request, calm about an address and a body that are not text."""

    def __init__(self, scope: Scope, *args: Any, **options: Any) -> None:
        query = scope.get("query_string", b"")
        if not query.isascii():
            # Bytes that should have been written with percent signs; read so, they are at worst wrong characters.
            scope["query_string"] = quote_from_bytes(query, safe=_ASCII).encode()
        super().__init__(scope, *args, **options)

    async def form(self) -> FormMultiDict:
        try:
            return await super().form()
        except (LookupError, ValueError, RecursionError) as problem:
            # An unknown charset, bytes that are no text, a boundary that is none.
            raise ClientException("The form could not be read.") from problem

"""A defect is logged under its reference, without any value of the request."""

import logging
from typing import Any

import httpx
from litestar import Litestar, get
from litestar.params import FromPath

from kit import error_pages


@get("/password/{token:str}", opt={"public": True})
async def broken(token: FromPath[str]) -> None:
    raise RuntimeError(f"secret {token}")


async def test_the_log_has_the_trace_and_no_token(app, caplog):
    small: Any = Litestar(
        [broken], exception_handlers=error_pages.handlers, openapi_config=None, logging_config=None
    )
    transport = httpx.ASGITransport(app=small, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://almoner.test") as client:
        with caplog.at_level(logging.ERROR, logger="almoner"):
            answer = await client.get("/password/only-hers-to-know")

    assert answer.status_code == 500 and "Something went wrong on our side" in answer.text
    said = "\n".join(record.getMessage() for record in caplog.records if record.name == "almoner")
    assert "RuntimeError" in said and "broken" in said
    assert "only-hers-to-know" not in said

"""Addresses that lead nowhere: the answer is a page of ours, with its headers."""

from tests import make


async def test_where_no_page_is_the_organisation_is_named_and_the_headers_are_there(browser):
    await make.organisation()
    for method, path in (("GET", "/nothing/here"), ("POST", "/nothing/here"), ("POST", "/healthz")):
        answer = await browser.request(method, path)

        assert answer.status_code in (404, 405)
        assert "Riverbend" in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_no_header_comes_twice(browser):
    answer = await browser.get("/sign-in")

    assert len(answer.headers.get_list("content-security-policy")) == 1

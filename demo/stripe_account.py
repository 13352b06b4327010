"""The stand-in's account, and what lies in its balance."""

from demo.stripe_store import Body
from demo.stripe_world import World


def account(world: World) -> Body:
    """A standard US account that may charge and is paid out."""
    nothing: Body = {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": [],
        "disabled_reason": None,
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }
    place = {"city": None, "country": "US", "line1": None, "line2": None, "postal_code": None, "state": None}
    return {
        "id": world.account,
        "object": "account",
        "business_profile": {
            "annual_revenue": None,
            "estimated_worker_count": None,
            "mcc": "8398",
            "minority_owned_business_designation": None,
            "name": world.merchant,
            "product_description": None,
            "support_address": place,
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": None,
        },
        "business_type": "non_profit",
        "capabilities": {
            "card_payments": "active",
            "transfers": "active",
            "us_bank_account_ach_payments": "active",
        },
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": 1_700_000_000,
        "default_currency": "usd",
        "details_submitted": True,
        "email": "treasurer@example.org",
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{world.account}/external_accounts",
        },
        "future_requirements": nothing,
        "metadata": {},
        "payouts_enabled": True,
        "requirements": nothing,
        "settings": _settings(world),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "standard",
    }


def _settings(world: World) -> Body:
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False},
            "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": world.merchant, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": None},
        "payments": {
            "statement_descriptor": None,
            "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
            "statement_descriptor_prefix_kana": None,
            "statement_descriptor_prefix_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": True,
            "schedule": {"delay_days": 2, "interval": "manual"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }


def balance(world: World) -> Body:
    """What may be paid out now and what is on its way, per currency."""
    rows = world.store.query(
        """SELECT json_extract(body, '$.currency'), sum(json_extract(body, '$.net')),
                  sum(CASE WHEN json_extract(body, '$.available_on') <= ? THEN json_extract(body, '$.net') ELSE 0 END)
             FROM objects WHERE kind = 'balance_transaction' GROUP BY 1 ORDER BY 1""",
        world.moment(),
    ) or [("usd", 0, 0)]

    def share(currency: str, amount: int) -> Body:
        return {"amount": amount, "currency": currency, "source_types": {"card": amount}}

    return {
        "object": "balance",
        "available": [share(currency, ready) for currency, _, ready in rows],
        "connect_reserved": [{"amount": 0, "currency": currency} for currency, _, _ in rows],
        "livemode": False,
        "pending": [share(currency, total - ready) for currency, total, ready in rows],
    }

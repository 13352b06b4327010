"""The pretend cards and bank accounts, and what becomes of each. The numbers are Stripe's own for testing."""

from dataclasses import dataclass

from demo.stripe_store import Body
from demo.stripe_world import World, new_id


@dataclass(frozen=True)
class Method:
    """A way to pay, and its fate."""

    number: str
    label: str
    kind: str = "card"  # or us_bank_account
    brand: str = "visa"
    decline: tuple[str, str, str] | None = None  # code, decline code, sentence for the donor
    asks: bool = False  # 3-D Secure
    disputed: str | None = None  # the reason of a dispute that opens by itself
    refund_fails: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]


_DECLINED = "Your card was declined."
METHODS = {
    method.number: method
    for method in (
        Method("4242424242424242", "Visa that pays"),
        Method(
            "4000000000000002",
            "Visa that is declined",
            decline=("card_declined", "generic_decline", _DECLINED),
        ),
        Method(
            "4000000000009995",
            "Visa without enough money",
            decline=("card_declined", "insufficient_funds", "Your card has insufficient funds."),
        ),
        Method("4000002500003155", "Visa that asks for 3-D Secure", asks=True),
        Method("5555555555554444", "Mastercard that pays", brand="mastercard"),
        Method("378282246310005", "American Express that pays", brand="amex"),
        Method(
            "4000000000000069",
            "Visa that has expired",
            decline=("expired_card", "expired_card", "Your card has expired."),
        ),
        Method(
            "4000000000000127",
            "Visa with a wrong security code",
            decline=("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
        ),
        Method(
            "4000000000009987",
            "Visa reported lost",
            decline=("card_declined", "lost_card", _DECLINED),
        ),
        Method("4000000000000259", "Visa whose owner disputes the charge", disputed="fraudulent"),
        Method("4000000000005126", "Visa whose refund fails", refund_fails=True),
        Method("000123456789", "Bank account that pays", kind="us_bank_account"),
        Method(
            "000222222227",
            "Bank account without enough money",
            kind="us_bank_account",
            decline=(
                "insufficient_funds",
                "insufficient_funds",
                "The customer's account has insufficient funds to cover this payment.",
            ),
        ),
        Method(
            "000111111113",
            "Bank account that is closed",
            kind="us_bank_account",
            decline=("account_closed", "account_closed", "The customer's bank account has been closed."),
        ),
    )
}


def by_number(number: str) -> Method | None:
    """The pretend card or account of that number, however it is spaced."""
    return METHODS.get(number.replace(" ", "").replace("-", ""))


def details(method: Method, amount: int) -> Body:
    """`payment_method_details` of a charge."""
    if method.kind == "us_bank_account":
        return {
            "type": "us_bank_account",
            "us_bank_account": {
                "account_holder_type": "individual",
                "account_type": "checking",
                "bank_name": "STRIPE TEST BANK",
                "expected_debit_date": None,
                "fingerprint": _fingerprint(method),
                "last4": method.last4,
                "mandate": None,
                "payment_reference": None,
                "routing_number": "110000000",
            },
        }
    return {
        "type": "card",
        "card": {
            "amount_authorized": None if method.decline else amount,
            "authorization_code": None if method.decline else "123456",
            "brand": method.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": "pass",
                "cvc_check": "fail" if method.decline and method.decline[0] == "incorrect_cvc" else "pass",
            },
            "country": "US",
            "exp_month": 12,
            "exp_year": 2034,
            "extended_authorization": {"status": "disabled"},
            "fingerprint": _fingerprint(method),
            "funding": "credit",
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": method.last4,
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": method.brand,
            "network_token": {"used": False},
            "network_transaction_id": "104102978678771",
            "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": _three_d_secure() if method.asks else None,
            "transaction_link_id": None,
            "wallet": None,
        },
    }


def _three_d_secure() -> Body:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": new_id("", 24),
        "version": "2.2.0",
    }


def kept(method: Method) -> Body:
    """The part of a payment method object that tells what it is."""
    if method.kind == "us_bank_account":
        return {
            "type": "us_bank_account",
            "us_bank_account": {
                "account_holder_type": "individual",
                "account_type": "checking",
                "bank_name": "STRIPE TEST BANK",
                "financial_connections_account": None,
                "fingerprint": _fingerprint(method),
                "last4": method.last4,
                "networks": {"preferred": "ach", "supported": ["ach"]},
                "routing_number": "110000000",
                "status_details": None,
            },
        }
    return {
        "type": "card",
        "card": {
            "brand": method.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": "pass", "cvc_check": "pass"},
            "country": "US",
            "display_brand": method.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": _fingerprint(method),
            "funding": "credit",
            "generated_from": None,
            "last4": method.last4,
            "networks": {"available": [method.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
    }


def _fingerprint(method: Method) -> str:
    return f"pretend{method.number[-9:]}"


def of(world: World, payment_intent: Body) -> Method:
    """The method a payment is made with."""
    return METHODS[world.sure(payment_intent["payment_method"])["_number"]]

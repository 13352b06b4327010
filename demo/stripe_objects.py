"""How each object of the API looks: every field that Stripe sends, with what it has when nothing is known.

Fields that begin with "_" are the stand-in's own and never leave it.
"""

from typing import Any

from demo.stripe_store import Body
from demo.stripe_world import World, new_id

NO_ADDRESS: Body = {
    "city": None,
    "country": None,
    "line1": None,
    "line2": None,
    "postal_code": None,
    "state": None,
}


def payment_intent(world: World, **given: Any) -> Body:
    id = new_id("pi_3")
    return {
        "id": id,
        "object": "payment_intent",
        "amount": 0,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{id}_secret_{new_id('', 25)}",
        "confirmation_method": "automatic",
        "created": world.moment(),
        "currency": "usd",
        "customer": None,
        "customer_account": None,
        "description": None,
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": None,
        "metadata": {},
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card", "us_bank_account"],
        "processing": None,
        "receipt_email": None,
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": None,
        **given,
    }


def charge(world: World, prefix: str, **given: Any) -> Body:
    return {
        "id": new_id(prefix),
        "object": "charge",
        "amount": 0,
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {
            "address": NO_ADDRESS,
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": world.merchant.upper()[:22],
        "captured": True,
        "created": world.moment(),
        "currency": "usd",
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": None,
        "presentment_details": None,
        "radar_options": {},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "refunds": None,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
        **given,
    }


def balance_transaction(world: World, **given: Any) -> Body:
    """Money that moved. `given` names type, amount, fee and source at least."""
    made = world.moment()
    fee = given.get("fee", 0)
    return {
        "id": new_id("txn_3"),
        "object": "balance_transaction",
        "amount": 0,
        "available_on": (made // 86_400 + 2) * 86_400,
        "balance_type": "payments",
        "created": made,
        "currency": "usd",
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [],
        "net": given["amount"] - fee,
        "reporting_category": "charge",
        "source": None,
        "status": "pending",
        "type": "charge",
        "_payout": None,
        **given,
    }


def fee_detail(amount: int, currency: str, description: str = "Stripe processing fees") -> Body:
    return {
        "amount": amount,
        "application": None,
        "currency": currency,
        "description": description,
        "type": "stripe_fee",
    }


def refund(world: World, **given: Any) -> Body:
    return {
        "id": new_id("re_3"),
        "object": "refund",
        "amount": 0,
        "balance_transaction": None,
        "charge": None,
        "created": world.moment(),
        "currency": "usd",
        "customer": None,
        "customer_account": None,
        "destination_details": None,
        "metadata": {},
        "payment_intent": None,
        "payment_method": None,
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
        **given,
    }


_EVIDENCE = """access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal
    customer_communication customer_email_address customer_name customer_purchase_ip customer_signature
    duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt
    refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation
    shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number
    uncategorized_file uncategorized_text""".split()  # noqa: SIM905


def dispute(world: World, **given: Any) -> Body:
    return {
        "id": new_id("du_1"),
        "object": "dispute",
        "amount": 0,
        "balance_transactions": [],
        "charge": None,
        "created": world.moment(),
        "currency": "usd",
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(_EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": world.moment() + 9 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": None,
        "payment_method_details": None,
        "reason": "general",
        "status": "needs_response",
        **given,
    }


def payment_method(world: World, **given: Any) -> Body:
    return {
        "id": new_id("pm_1"),
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": {
            "address": NO_ADDRESS,
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "card": None,
        "created": world.moment(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        **given,
    }


def customer(world: World, **given: Any) -> Body:
    return {
        "id": new_id("cus_", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": world.moment(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("", 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
        **given,
    }


def payout(world: World, **given: Any) -> Body:
    return {
        "id": new_id("po_1"),
        "object": "payout",
        "amount": 0,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": (world.moment() // 86_400 + 1) * 86_400,
        "automatic": True,
        "balance_transaction": None,
        "created": world.moment(),
        "currency": "usd",
        "description": "STRIPE PAYOUT",
        "destination": "ba_1PretendBank0000000000000",
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "in_transit",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
        **given,
    }


def event(world: World, type: str, subject: Body, previous: Body | None) -> Body:
    data: Body = {"object": subject}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": new_id("evt_3"),
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": world.moment(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": dict(world.request),
        "type": type,
    }


def outside(body: Any) -> Any:
    """The object as it leaves the stand-in, without its own notes."""
    if isinstance(body, dict):
        return {name: outside(value) for name, value in body.items() if not name.startswith("_")}
    return [outside(item) for item in body] if isinstance(body, list) else body

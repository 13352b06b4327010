"""The demo: what stands in for the outside world on one machine, and a nonprofit to look at.

What is here and owns what:

- `stripe` is Stripe's stand-in as the rest of the project meets it: `StandIn`, `running()` for tests, the web app.
  Its parts: `stripe_world` (state, clock, settings), `stripe_store` (SQLite), `stripe_api` (keys, idempotency, trouble),
  `stripe_routes` (what each address does), `stripe_checks` (what a request may say), `stripe_lists`, `stripe_search`;
  `stripe_sessions`, `stripe_payments`, `stripe_balance`, `stripe_refunds`, `stripe_disputes`, `stripe_payouts` (what
  happens to money); `stripe_objects`, `stripe_session_objects`, `stripe_account`, `stripe_methods` (how things look);
  `webhooks` (events and their delivery); `stripe_pages` and `stripe_control` (what people see and press).
- `mailbox` is a real SMTP server whose mails can be read at a page (`mailbox_pages`).
- `python -m demo` runs both in one process.

Invariants: all money is pretend; nothing here is imported by the product; whatever was answered survives kill -9.
"""

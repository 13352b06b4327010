"""Which currencies Stripe takes, how many digits each has, and what a payment may be and costs."""

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency

from demo.stripe_errors import ApiError

SUPPORTED = frozenset(
    """usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf
    chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr
    ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr
    mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd
    shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar
    zmw""".split()  # noqa: SIM905
)
ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())  # noqa: SIM905
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())  # noqa: SIM905
# These lost their small coin, but the API keeps its two digits, which must be 00.
WHOLE_ONLY = frozenset("isk ugx".split())  # noqa: SIM905

SMALLEST = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
LARGEST = 99_999_999
FIXED_FEE = {
    "usd": 30,
    "cad": 30,
    "aud": 30,
    "nzd": 30,
    "eur": 25,
    "gbp": 20,
    "chf": 30,
    "sek": 180,
    "nok": 200,
    "dkk": 180,
    "sgd": 50,
    "jpy": 0,
}
DISPUTE_FEE = {"usd": 1500, "eur": 2000, "gbp": 2000, "cad": 1500, "aud": 2500}


def digits(currency: str) -> int:
    """How many digits stand behind the point in Stripe's amounts of this currency."""
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def show(amount: int, currency: str) -> str:
    """The amount for a person: $25.00."""
    value = Decimal(amount).scaleb(-digits(currency))
    return format_currency(
        value,
        currency.upper(),
        locale="en_US",
        currency_digits=False,
        decimal_quantization=False,
        format=_pattern(currency),
    )


def _pattern(currency: str) -> str:
    places = digits(currency)
    return "¤#,##0" + ("." + "0" * places if places else "")


def known(currency: str, param: str) -> str:
    """The currency in lower case, or Stripe's refusal."""
    if currency.lower() not in SUPPORTED:
        raise ApiError(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: {', '.join(sorted(SUPPORTED))}",
            param=param,
        )
    return currency.lower()


def payable(amount: int, currency: str, param: str) -> None:
    """Refuse what Stripe would not charge: too little, too much, or a coin that does not exist."""
    smallest = SMALLEST.get(currency, 50 if digits(currency) == 2 else 1)
    if amount < smallest:
        raise ApiError(
            f"The Checkout Session's total amount due must add up to at least {show(smallest, currency)} {currency}",
            code="amount_too_small",
            param=param,
        )
    if amount > LARGEST:
        raise ApiError(
            f"The Checkout Session's total amount due must be no more than {show(LARGEST, currency)} {currency}",
            code="amount_too_large",
            param=param,
        )
    coin = 10 if currency in THREE_DECIMAL else 100 if currency in WHOLE_ONLY else 1
    if amount % coin:
        raise ApiError(
            f"Invalid amount: amounts in {currency} must be divisible by {coin}",
            code="invalid_charge_amount",
            param=param,
        )


def card_fee(amount: int, currency: str) -> int:
    """2.9 % and a fixed part, rounded half up."""
    percent = (Decimal(amount) * Decimal("0.029")).quantize(Decimal(1), ROUND_HALF_UP)
    return int(percent) + FIXED_FEE.get(currency, 30 if digits(currency) == 2 else 0)


def bank_fee(amount: int) -> int:
    """0.8 %, never more than five dollars."""
    return min(500, int((Decimal(amount) * Decimal("0.008")).quantize(Decimal(1), ROUND_HALF_UP)))

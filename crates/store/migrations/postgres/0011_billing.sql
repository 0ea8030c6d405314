-- What people ordered, what was paid for it, and the books of that.

-- An order remembers what was offered. It stays when its account goes; user_id is NULL then. payment_ref is what the
-- gateway calls the payment. asked_at is when the gateway was last asked about it, ask_at when it is asked next; NULL:
-- never again.
CREATE TABLE orders (
    id                 BIGINT PRIMARY KEY,
    public_id          TEXT   NOT NULL,
    user_id            BIGINT REFERENCES users (id),
    gateway            TEXT   NOT NULL,
    plan               TEXT   NOT NULL,
    plan_name          TEXT   NOT NULL,
    units              BIGINT NOT NULL,
    currency           TEXT   NOT NULL,
    messages_per_month BIGINT,
    period_days        BIGINT NOT NULL,
    state              TEXT   NOT NULL,
    payment_ref        TEXT,
    asks               BIGINT NOT NULL,
    asked_at           BIGINT,
    ask_at             BIGINT,
    created_at         BIGINT NOT NULL,
    expires_at         BIGINT NOT NULL,
    paid_at            BIGINT
);
CREATE UNIQUE INDEX orders_by_public_id ON orders (public_id);
CREATE UNIQUE INDEX orders_by_payment ON orders (gateway, payment_ref);
CREATE INDEX orders_of_user ON orders (user_id, id);
CREATE INDEX orders_to_ask ON orders (ask_at) WHERE ask_at IS NOT NULL;

-- One row a payment that was received. A payment is received once, and an order is paid once.
CREATE TABLE payments (
    gateway     TEXT   NOT NULL,
    payment_ref TEXT   NOT NULL,
    order_id    BIGINT NOT NULL REFERENCES orders (id),
    units       BIGINT NOT NULL,
    currency    TEXT   NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (order_id)
);
CREATE UNIQUE INDEX payments_once ON payments (gateway, payment_ref);

-- Double entry: the lines of one order sum to zero. What came in is positive where it lies and negative where it is owed.
CREATE TABLE ledger (
    order_id   BIGINT NOT NULL REFERENCES payments (order_id),
    line       BIGINT NOT NULL,
    account    TEXT   NOT NULL,
    units      BIGINT NOT NULL,
    currency   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (order_id, line)
);
CREATE INDEX ledger_of_account ON ledger (account, currency);

-- The order that was paid last: what the subscription is worth.
ALTER TABLE subscriptions ADD COLUMN order_id BIGINT;

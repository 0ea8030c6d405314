-- What an order must remember of the payment that was begun for it.

-- The wallet that was to receive the payment; NULL: the order is older than this column, and today's wallet is meant.
ALTER TABLE orders ADD COLUMN wallet TEXT;

-- The page where it is paid, so that a repeated request is told the same; NULL: it is not known (any more).
ALTER TABLE orders ADD COLUMN pay_url TEXT;

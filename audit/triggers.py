"""The SQL by which a table refuses every change but an insert (Art. 5(2), 32)."""

from typing import Final

FUNCTION: Final = "audit_refuse_change"
ROW_TRIGGER: Final = "audit_append_only"
TRUNCATE_TRIGGER: Final = "audit_no_truncate"

CREATE_FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger % is append-only: % is refused.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$
"""
DROP_FUNCTION: Final = f"DROP FUNCTION {FUNCTION}()"


def create_triggers(table: str) -> tuple[str, ...]:
    """The statements for one table; `table` is quoted already. Row triggers reach the partitions of a table too."""
    return (
        f"CREATE TRIGGER {ROW_TRIGGER} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
        f"CREATE TRIGGER {TRUNCATE_TRIGGER} BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {FUNCTION}()",
    )


def drop_triggers(table: str) -> tuple[str, ...]:
    """The way back."""
    return (f"DROP TRIGGER {ROW_TRIGGER} ON {table}", f"DROP TRIGGER {TRUNCATE_TRIGGER} ON {table}")

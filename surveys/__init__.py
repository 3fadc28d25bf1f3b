"""Surveys, promotions and draws: one small form builder, answered on consent (policy clause 5)."""

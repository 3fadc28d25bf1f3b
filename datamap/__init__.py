"""The map of personal data: what is held about people, declared once beside each model (GDPR Art. 5(2), 30)."""

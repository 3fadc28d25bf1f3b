"""Addresses of which there is no picture, and why; `*` stands for any word."""

from typing import Final

UNTAKEN: Final = {
    "a part of the administration that every list has, drawn by Django": """
        admin:*_history admin:*_delete admin:*_add
    """,
    "takes what a form on another page sends, and leads back there": """
        admin:*_reveal account_history_forget admin:dsar_subjectrequest_delete_filter admin:dsar_subjectrequest_find
        admin:dsar_subjectrequest_reveal admin:dsar_subjectrequest_save_filter admin:enquiries_enquiry_close
        admin:enquiries_enquiry_request admin:login admin:logout admin:password_change admin:password_change_done
        admin:retention_opening_approve admin:view_on_site cookies:choice cookies:end_account_choice logged-in-again
        marketplace:block marketplace:change-photo marketplace:close marketplace:delete-comment marketplace:discard
        marketplace:end-own-page marketplace:pay marketplace:pay-placement payments:card-token privacy:case-code
        privacy:case-copy-again privacy:case-files privacy:case-identity privacy:case-message privacy:case-withdraw
        privacy:request-copy-again privacy:request-files privacy:request-message privacy:request-withdraw
        set_language surveys:take-back surveys:take-back-by-link visits:page-use
    """,
    "a file, a feed or an answer for programs": """
        api:opendsr-* api:request api:request-* api:requests api:schema api:session
        admin:autocomplete admin:consent_consentdocument_file
        admin:dsar_intake_original
        admin:dsar_subjectrequest_file admin:dsar_subjectrequest_original admin:jsi18n
        admin:newsletters_campaign_figures admin:payments_invoice_download admin:registers_registerversion_export
        admin:surveys_survey_totals consent:receipt consent:receipt-kantara cookies:receipt favicon gpc healthz
        marketplace:feed marketplace:large-photo marketplace:small-photo mfa_download_recovery_codes
        newsletters:receipt payments:invoice-file privacy:due-calendar privacy:receipt-file privacy:schema
        privacy:transparency-file readyz sitemap sitemap-index
    """,
    "a provider rings here": """
        braintree:ring escrow:ring mailing:inbound mailing:status
    """,
    "there for a second factor that is switched on, or for an account without a password": """
        account_confirm_login_code account_set_password mfa_authenticate mfa_deactivate_totp
        mfa_generate_recovery_codes mfa_reauthenticate mfa_view_recovery_codes
    """,
    "asks the password once more; the way to every dangerous page goes through it": """
        account_reauthenticate
    """,
    "the demo holds nothing of the kind, or nothing in that state": """
        admin:consent_consentdocument_change admin:consent_policymailing_change admin:consent_policynotice_change
        admin:consent_refusalcount_change admin:consent_subscriptionevidence_change admin:dsar_intake_change
        admin:enquiries_enquiry_answer admin:enquiries_enquiry_change admin:enquiries_supportcontact_change
        admin:mailing_reconciliation_change admin:marketplace_commentnotice_decide admin:marketplace_removal_change
        admin:marketplace_removal_decide admin:marketplace_report_decide admin:outbox_providergate_change
        admin:payments_carddispute_accept admin:payments_carddispute_agree admin:payments_carddispute_answer
        admin:payments_carddispute_change admin:payments_carddispute_decline admin:payments_cardnotice_change
        admin:payments_cardorphan_agree admin:payments_cardorphan_back admin:payments_cardorphan_belongs
        admin:payments_cardorphan_change admin:payments_cardorphan_decline admin:payments_cardpayment_change
        admin:payments_cardpayment_refund admin:payments_cardreconciliation_change admin:payments_cardrefund_agree
        admin:payments_cardrefund_change admin:payments_cardrefund_decline admin:payments_escrowaccount_change
        admin:payments_escrowdeal_change admin:payments_escrowreconciliation_change
        admin:payments_escrowstranger_change admin:payments_payout_change admin:payments_payout_sent
        admin:registers_authorityrequest_give admin:registers_balancingversion_step admin:registers_breach_step
        admin:registers_breachentry_step admin:registers_contractversion_ask admin:registers_contractversion_change
        admin:registers_contractversion_step admin:registers_disclosure_change admin:registers_disclosure_step
        admin:registers_registerversion_step admin:retention_legalhold_change admin:retention_legalhold_step
        admin:retention_opening_change admin:retention_opening_decline admin:retention_opening_read
        admin:retention_opening_request_held admin:retention_restriction_change admin:retention_restriction_step
        admin:retention_sweeprun_change admin:surveys_participation_change
        admin:surveys_survey_step admin:visits_dailystatistic_change admin:visits_visit_change
        consent:policy-changes marketplace:dispute-comment marketplace:dispute-feedback marketplace:feedback
        marketplace:placement marketplace:removed payments:card payments:escrow-account payments:escrow-deal
        payments:payout privacy:case-erasure privacy:case-package privacy:request-stop
        newsletters:stop surveys:asked surveys:by-link surveys:gone
    """,
}

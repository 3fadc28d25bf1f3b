"""Qlekta's facts: controller, authority, purposes, periods, recipients, and how acts are cited.

Every notice, answer and receipt reads them here.
"""

from qlekta.catalogue.acts import ACTS
from qlekta.catalogue.controller import CONTROLLER, SUPERVISORY_AUTHORITY
from qlekta.catalogue.periods import PERIODS
from qlekta.catalogue.purposes import PURPOSES
from qlekta.catalogue.recipients import JOINT_CONTROLLERS, RECIPIENTS

__all__ = ["ACTS", "CONTROLLER", "JOINT_CONTROLLERS", "PERIODS", "PURPOSES", "RECIPIENTS", "SUPERVISORY_AUTHORITY"]

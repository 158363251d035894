"""Everything the server keeps. All SQL lives in this package and the migrations."""

import time

import uuid_utils
from sqlalchemy import URL, select

from ikm.server.store.assessments import AssessmentsPart
from ikm.server.store.audit import AuditPart
from ikm.server.store.backup import BackupPart
from ikm.server.store.contacts import ContactsPart
from ikm.server.store.deeds import DeedsPart
from ikm.server.store.devices import DevicesPart
from ikm.server.store.digests import DigestsPart
from ikm.server.store.engine import open_engine
from ikm.server.store.enrolment import EnrolmentPart
from ikm.server.store.exports import ExportsPart
from ikm.server.store.faults import faults
from ikm.server.store.figures import FiguresPart
from ikm.server.store.fleet import FleetPart
from ikm.server.store.hours import HoursPart
from ikm.server.store.imports import ImportsPart
from ikm.server.store.intake import IntakePart
from ikm.server.store.invitations import InvitationsPart
from ikm.server.store.keys import KeysPart
from ikm.server.store.migrate import migrate
from ikm.server.store.organisation import OrganisationPart
from ikm.server.store.overview import OverviewPart
from ikm.server.store.people import PeoplePart
from ikm.server.store.places import PlacesPart
from ikm.server.store.population import PopulationPart
from ikm.server.store.questionnaires import QuestionnairesPart
from ikm.server.store.recount import RecountPart
from ikm.server.store.remarks import RemarksPart
from ikm.server.store.rollouts import RolloutsPart
from ikm.server.store.rollups import RollupsPart
from ikm.server.store.services import ServicesPart
from ikm.server.store.sessions import SessionsPart
from ikm.server.store.settings import SettingsPart
from ikm.server.store.signin import SigninPart
from ikm.server.store.silence import SilencePart
from ikm.server.store.sowing import SowingPart
from ikm.server.store.standards import StandardsPart
from ikm.server.store.tokens import TokensPart
from ikm.server.store.voids import VoidsPart


class Store(
    OrganisationPart,
    PlacesPart,
    ServicesPart,
    StandardsPart,
    HoursPart,
    PopulationPart,
    AssessmentsPart,
    OverviewPart,
    ImportsPart,
    PeoplePart,
    SessionsPart,
    SigninPart,
    InvitationsPart,
    TokensPart,
    DeedsPart,
    DevicesPart,
    KeysPart,
    EnrolmentPart,
    ContactsPart,
    FleetPart,
    QuestionnairesPart,
    RolloutsPart,
    SettingsPart,
    SilencePart,
    DigestsPart,
    RemarksPart,
    VoidsPart,
    BackupPart,
    AuditPart,
    IntakePart,
    FiguresPart,
    RecountPart,
    RollupsPart,
    ExportsPart,
    SowingPart,
):
    """The one door to the database, safe for use by several threads and processes at once."""

    @classmethod
    def open(cls, database: URL) -> "Store":
        """The store of that database, brought to its newest tables and given its server id.

        Raises:
            Refusal: `server_busy` when the database cannot be reached.
            NewerDatabase: It was written by a newer version.
        """
        engine = open_engine(database)
        with faults():
            migrate(engine)
        store = cls(engine)
        store.identify(str(uuid_utils.uuid7()), time.time_ns() // 1_000_000)
        return store

    def check(self) -> None:
        """Nothing, once the database answered. Raises Refusal (`server_busy`) or DatabaseFault when it does not."""
        self._glance(lambda connection: connection.execute(select(1)).scalar_one())

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

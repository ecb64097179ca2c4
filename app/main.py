"""The composition root: settings in, application out. The only file that knows all the others."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime
from pathlib import Path

import msgspec
from fastapi import FastAPI
from fastapi.routing import APIRoute

import guidelines.ta279
from app import cors, errors
from app.admission import CALLS_AT_ONCE, Admission, Shares
from app.body import BodyCap
from app.canary import Canary
from app.dashboard import routes as dashboard
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import allowed_servers, trusted
from app.form import page
from app.form.registration import Registrations, registrations
from app.last_resort import LastResort
from app.observability import traces
from app.observability.metrics import Metrics
from app.observability.running import observed
from app.observability.watch import Watch
from app.routes import artefacts, attributes, discovery, documentation, evaluations, feedback, hooks, operations
from app.routes.bytes_route import Place
from app.routes.documents import OTHERWISE
from app.routes.hooks import TermsOf
from app.rules import Rules
from app.security_headers import SecurityHeaders
from app.settings import NotMet, Settings, SettingsError
from app.store.replay import ReplayStore
from app.store.store import Store
from app.trust.caller import Caller
from app.trust.clients import ClientsError, read_clients
from app.trust.gate import Gate, open_gate
from app.trust.trust import Trust
from cards.card import Link, random_uuid
from cards.from_assessment import CardOptions
from clinical.codes import TerminologyError
from fhir_mapping.patient_guard import any_base
from guidelines.ta279.guideline import ta279
from guidelines.ta279.terminology import load_terminology, text_hints
from guidelines.ta279.thresholds import ProfileError, shipped_profiles
from hooks.answer import ClientTerms
from hooks.assessor import Assessor
from hooks.order_select.service import OrderSelectService
from hooks.order_sign.service import OrderSignService
from hooks.patient_view.service import PatientViewService
from hooks.registry import CDSService, Registry

TITLE = "Vertebral Augmentation CDS"
VERSION = "0.1.0"
ASSESSMENT_FORM = "ta279-assessment"
ABOUT = (
    "CDS Hooks 2.0.1 service for NICE TA279: vertebroplasty and balloon kyphoplasty without stenting in osteoporotic vertebral compression "
    "fracture. It supports a clinician's decision and does not take it. Every error is a FHIR R4 OperationOutcome as application/json."
)

Today = Callable[[], date]


class House(msgspec.Struct, frozen=True):
    """What is made once at start, reads the disk, and does not change."""

    assessor: Assessor
    registry: Registry
    ready: Callable[[], bool]
    artefacts: artefacts.Artefacts
    rules: Rules


def build_house(settings: Settings, new_uuid: Callable[[], str] = random_uuid) -> House:
    """Guideline, codes and services as configured; SettingsError where what a variable names cannot be used."""
    rules = Rules(settings)
    assessor = build_assessor(settings)
    patient_view, *orders = build_services(assessor, settings, new_uuid)
    folder = Path(guidelines.ta279.__path__[0])
    return House(assessor, Registry(patient_view, *orders), Canary(patient_view).sings, artefacts.read_artefacts(folder), rules)


def build_services(assessor: Assessor, settings: Settings, new_uuid: Callable[[], str] = random_uuid) -> list[CDSService]:
    """One service for each hook, patient-view first."""
    more = (Link("About this decision support", settings.public_base + attributes.ADDRESS),)
    options = CardOptions(show_not_met=settings.patient_view_not_met is NotMet.SHOW, new_uuid=new_uuid, more=more)
    kinds = (PatientViewService, OrderSelectService, OrderSignService)
    return [kind(assessor, options, explain=settings.explains) for kind in kinds]


def build_assessor(settings: Settings) -> Assessor:
    try:
        guideline = ta279(settings.profile)
        terminology = load_terminology(settings.overlay_dir)
    except ProfileError as error:
        raise SettingsError(f"VACDS_PROFILE: {error}") from error
    except TerminologyError as error:
        raise SettingsError(f"VACDS_OVERLAY_DIR, or the value sets of this version: {error}") from error
    return Assessor(guideline=guideline, terminology=terminology, text_hints=text_hints, zone=settings.zone)


def build_trust(settings: Settings, replay: ReplayStore) -> Trust:
    """The clients that may call; SettingsError where the file of them cannot be used."""
    try:
        clients = () if settings.clients_file is None else read_clients(settings.clients_file, production=not settings.demo)
    except ClientsError as error:
        raise SettingsError(f"VACDS_CLIENTS_FILE: {error}") from error
    return Trust(clients, replay, public_only=not settings.demo)


def create_app(
    settings: Settings,
    today: Today | None = None,
    house: House | None = None,
    access: FhirAccess | None = None,
    trust: Trust | None = None,
    gate: Gate | None = None,
    store: Store | None = None,
) -> FastAPI:
    """The application. `today` is the day in VACDS_TIME_ZONE unless given; the others are made from the settings unless given."""
    house = house or build_house(settings)
    today = today or day_in(settings)
    access = access or FhirAccess(allowed_servers(settings), token_needed=settings.auth_required)
    metrics = counted(settings, house, access)
    store = store or Store(settings, house.rules.hash)
    trust = trust or build_trust(settings, store.replay)
    store.count_dropped(metrics.records_dropped.inc)
    app = FastAPI(
        title=TITLE, version=VERSION, description=ABOUT, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        lifespan=running(access, metrics, house, trust, store), responses=OTHERWISE, generate_unique_id_function=operation_id,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )  # fmt: skip
    errors.install(app)
    place = Shares(CALLS_AT_ONCE // 2 if len(trust.clients) > 1 else CALLS_AT_ONCE).place
    forms = registrations(settings, trust.clients)
    gate = gate or (trust.gate if settings.auth_required else open_gate)
    add_routes(app, house, today, lambda caller: terms_of(caller, access, forms), gate, place, metrics, store)
    page.add(app, house.artefacts["Questionnaire", ASSESSMENT_FORM], forms, demo=settings.demo)
    dashboard.add(app, settings, store.database)
    if settings.demo:
        add_demo(app, settings, house, today, gate)
    app.add_middleware(BodyCap, limit=settings.max_body_bytes)
    app.add_middleware(Admission, lag_seen=metrics.lag.observe)
    app.add_middleware(LastResort)
    cors.install(app, settings)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Watch, metrics=metrics)
    return app


def counted(settings: Settings, house: House, access: FhirAccess) -> Metrics:
    """The metrics, told of what is asked of FHIR servers; SettingsError where traces are wanted and cannot be had."""
    traces.check()
    metrics = Metrics()
    metrics.build.labels(VERSION, house.assessor.guideline.logic_version, house.rules.hash, Path(settings.profile).stem).set(1)
    access.tell(metrics.fetched)
    return metrics


def add_routes(app: FastAPI, house: House, today: Today, terms: TermsOf, gate: Gate, place: Place, metrics: Metrics, store: Store) -> None:
    notices = (store.answered, metrics.answered, *([traces.answered] if traces.are_wanted() else []))
    hooks.add(app, house.registry, gate, today, terms, place, notices, [store.failed])
    discovery.add(app, house.registry, gate)
    feedback.add(app, house.registry, gate, store.feedback.keep)
    evaluations.add(app, house.assessor, gate, today, place)
    artefacts.add(app, house.artefacts)
    attributes.add(app, house.assessor.guideline)
    operations.add(app, house.ready, metrics.registry, [store.trouble, house.rules.trouble])


def terms_of(caller: Caller, access: FhirAccess, forms: Registrations) -> ClientTerms:
    """A client whose FHIR bases are known has its patients there and nowhere else."""
    bases = caller.fhir_servers
    knows_base = (lambda base: trusted(base, bases) is not None) if bases else any_base
    return ClientTerms(lambda call: access.fetcher_for(call, caller), caller.card_style, forms.links(caller.name), knows_base)


def add_demo(app: FastAPI, settings: Settings, house: House, today: Today, gate: Gate) -> None:
    """What only demo mode has: pages, the sample patients' FHIR face, the documentation. Imported here so that production never does."""
    from app.demo import mount_demo
    from app.openapi import described

    documentation.add(app, described)
    mount_demo(app, settings, today, under_each_profile(settings, house.assessor), gate)


def under_each_profile(settings: Settings, assessor: Assessor) -> Mapping[str, Registry]:
    """The same services once for each shipped threshold profile, for the try-it page to compare them."""
    assessors = {name: msgspec.structs.replace(assessor, guideline=ta279(name)) for name in shipped_profiles()}
    return {name: Registry(*build_services(each, settings)) for name, each in assessors.items()}


def running(
    access: FhirAccess, metrics: Metrics, house: House, trust: Trust, store: Store
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """The app's lifespan: what goes on beside the calls, and at its end what is open is closed."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with observed(metrics, house.ready, VERSION), store.running(), trust.running():
            yield
        await access.close()

    return lifespan


def operation_id(route: APIRoute) -> str:
    return route.name.replace("_", "-")


def day_in(settings: Settings) -> Today:
    zone = settings.zone
    return lambda: datetime.now(zone).date()

"""The files to deploy by, held to the code as far as reading them can: no container engine or cluster runs them here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.__main__ import GRACE_SECONDS, KEEP_ALIVE_SECONDS
from app.fhir_access.limits import HARD_DEADLINE
from app.http_protocol import RECEIPT_SECONDS
from app.settings import PREFIX, Settings
from app.trust.clients import read_clients
from tests.house.tree import ROOT
from tests.service import Client

FOLDER = ROOT / "deploy" / "kubernetes"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
KNOWN = {PREFIX + name.upper() for name in Settings.model_fields}
IMAGE = "vertebral-augmentation-cds"

Manifest = dict[str, Any]


def documents(path: Path) -> list[Manifest]:
    return [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]


MANIFESTS = {
    (each["kind"], each["metadata"]["name"]): each
    for path in sorted(FOLDER.glob("*.yaml"))
    if path.stem != "kustomization"
    for each in documents(path)
}
COMPOSE = documents(ROOT / "compose.yaml")[0]
POD = MANIFESTS["Deployment", "vacds"]["spec"]["template"]
(CONTAINER,) = POD["spec"]["containers"]


def test_everything_is_applied_that_is_there() -> None:
    (kustomization,) = documents(FOLDER / "kustomization.yaml")
    assert sorted(kustomization["resources"]) == sorted(path.name for path in FOLDER.glob("*.yaml") if path.stem != "kustomization")


def test_the_pod_runs_the_image_as_it_is() -> None:
    assert CONTAINER["image"].partition(":")[0] == IMAGE
    assert not CONTAINER.keys() & {"command", "args"}
    assert f"docker build -t {IMAGE} ." in (ROOT / "README.md").read_text(encoding="utf-8")


def test_ports_are_those_of_the_image() -> None:
    exposed = int(re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)[0])
    assert exposed == Settings.model_fields["port"].default
    assert CONTAINER["ports"] == [{"name": "http", "containerPort": exposed}]
    (port,) = MANIFESTS["Service", "vacds"]["spec"]["ports"]
    assert port["targetPort"] == "http"
    assert MANIFESTS["NetworkPolicy", "vacds"]["spec"]["ingress"][0]["ports"] == [{"port": exposed}]
    assert COMPOSE["services"]["service"]["ports"] == [f"127.0.0.1:{exposed}:{exposed}"]
    assert f"server 127.0.0.1:{exposed};" in NGINX


@pytest.mark.parametrize(("probe", "path"), [("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")])
def test_a_probe_asks_what_the_service_answers(probe: str, path: str, locked_client: Client) -> None:
    asked = CONTAINER[probe]["httpGet"]
    assert asked == {"path": path, "port": "http"}
    assert locked_client.get(path).status == 200


def test_nothing_can_be_written_and_nobody_is_root() -> None:
    user = int(re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)[0])
    assert POD["spec"]["securityContext"]["runAsUser"] == user
    assert POD["spec"]["securityContext"]["runAsNonRoot"] is True
    assert POD["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert POD["spec"]["automountServiceAccountToken"] is False
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert COMPOSE["services"]["service"]["read_only"] is True


def test_the_pod_has_time_to_finish_and_a_limit_of_memory() -> None:
    pause = int(CONTAINER["lifecycle"]["preStop"]["exec"]["command"][1])
    assert POD["spec"]["terminationGracePeriodSeconds"] > pause + GRACE_SECONDS
    assert CONTAINER["resources"]["limits"].keys() == {"memory"}
    assert CONTAINER["resources"]["requests"].keys() == {"cpu", "memory"}


def test_no_service_variable_of_the_cluster_reaches_the_service() -> None:
    """Kubernetes would set VACDS_SERVICE_HOST and VACDS_PORT=tcp://... for a Service of this name, and the start would be refused."""
    assert POD["spec"]["enableServiceLinks"] is False


def test_everything_that_selects_selects_the_pods() -> None:
    labels = POD["metadata"]["labels"]
    assert MANIFESTS["Deployment", "vacds"]["spec"]["selector"]["matchLabels"] == labels
    assert MANIFESTS["Service", "vacds"]["spec"]["selector"] == labels
    assert MANIFESTS["NetworkPolicy", "vacds"]["spec"]["podSelector"]["matchLabels"] == labels


def test_what_the_pod_refers_to_is_there() -> None:
    for source in CONTAINER["envFrom"]:
        ((kind, name),) = [("ConfigMap" if key == "configMapRef" else "Secret", value["name"]) for key, value in source.items()]
        assert (kind, name) in MANIFESTS
    (volume,) = POD["spec"]["volumes"]
    (mount,) = CONTAINER["volumeMounts"]
    assert volume["name"] == mount["name"]
    assert "clients.toml" in MANIFESTS["ConfigMap", volume["configMap"]["name"]]["data"]
    assert settings()["VACDS_CLIENTS_FILE"] == f"{mount['mountPath']}/clients.toml"


def settings() -> dict[str, str]:
    """What the container's environment holds."""
    return {**MANIFESTS["ConfigMap", "vacds-settings"]["data"], **MANIFESTS["Secret", "vacds-secrets"]["stringData"]}


def test_the_service_takes_these_settings(tmp_path: Path) -> None:
    clients = tmp_path / "clients.toml"
    clients.write_text(MANIFESTS["ConfigMap", "vacds-clients"]["data"]["clients.toml"], encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    read = subprocess.run(
        [sys.executable, "-c", "from app.settings import read_settings; print(read_settings().mode)"],
        cwd=ROOT, env=inherited | settings() | {"VACDS_CLIENTS_FILE": str(clients)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (read.returncode, read.stdout, read.stderr) == (0, "production\n", "")


def test_compose_sets_only_what_there_is_and_asks_the_database_first() -> None:
    service = COMPOSE["services"]["service"]
    assert service["environment"].keys() <= KNOWN
    assert service["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "healthcheck" in COMPOSE["services"]["database"]
    assert service["image"] == IMAGE


def test_no_secret_is_written_down() -> None:
    assert all("REPLACE" in value for value in MANIFESTS["Secret", "vacds-secrets"]["stringData"].values())
    assert COMPOSE["services"]["database"]["environment"]["POSTGRES_PASSWORD"] == "${POSTGRES_PASSWORD:?choose one}"


def test_the_proxy_waits_as_long_as_the_service_needs() -> None:
    told = dict(re.findall(r"^\s*(\w+) (\d+)s?;", NGINX, re.MULTILINE))
    assert int(told["client_max_body_size"]) == Settings.model_fields["max_body_bytes"].default
    assert int(told["proxy_read_timeout"]) > HARD_DEADLINE
    assert int(told["keepalive_timeout"]) < KEEP_ALIVE_SECONDS
    assert int(told["client_header_timeout"]) < RECEIPT_SECONDS


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_reads_its_file(tmp_path: Path) -> None:
    """But for the certificate, which is the site's."""
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=cds.example.org", "-days", "1"]
    subprocess.run([*certificate, "-keyout", tmp_path / "cds.key", "-out", tmp_path / "cds.crt"], check=True, capture_output=True)
    (tmp_path / "nginx.conf").write_text(
        NGINX.replace("/etc/nginx/tls", str(tmp_path)).replace("/var/log/nginx", str(tmp_path)), encoding="utf-8"
    )
    checked = subprocess.run(
        ["nginx", "-t", "-q", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_the_service_believes_the_clients_of_the_example(tmp_path: Path) -> None:
    clients = tmp_path / "clients.toml"
    clients.write_text(MANIFESTS["ConfigMap", "vacds-clients"]["data"]["clients.toml"], encoding="utf-8")
    assert [client.name for client in read_clients(clients)] == ["St Example"]


def shown_clients() -> list[tuple[str, str]]:
    """The entries that the guide itself writes out."""
    return [
        (page.stem, block)
        for page in sorted((ROOT / "docs" / "connect").glob("*.md"))
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ]


@pytest.mark.parametrize(("page", "entry"), shown_clients())
def test_an_entry_that_the_guide_shows_is_one_that_is_taken(page: str, entry: str, tmp_path: Path) -> None:
    (tmp_path / "clients.toml").write_text(entry, encoding="utf-8")
    assert read_clients(tmp_path / "clients.toml")

"""An AWS emulator on loopback, with what its own API cannot tell.

The first line on stdout is the URL. Then each line on stdin is a question, answered by one line of JSON: `inventory`
gives the names of what each backend holds, `secrets` the values in Secrets Manager. `group make`, `group stray`,
`group targets` and `group drop` make a load balancer's target group, register an address in it that belongs to nobody,
list its targets, and delete it, with AWS's own client. It ends when stdin closes.
"""

import json
import logging
import sys

import boto3
from moto.core.base_backend import BackendDict
from moto.elbv2 import models as load_balancers
from moto.server import ThreadedMotoServer

# Not what somebody made: copies of AWS's own catalogue, and notes beside the objects that the emulator never drops.
NOT_OBJECTS = {
    "snapshots", "amis", "opt_out_numbers", "managed_prefix_lists", "aws_managed_policies",
    "tags", "resource_tags", "tagger", "tagging_service", "delegation_sets", "event_buses", "events", "resource_map",
}

# An object in one of these states is gone, and only remembered.
GONE = {"deleted", "deleting", "inactive", "terminated"}


def backends():
    for service in list(BackendDict._instances):
        for account, regions in list(service.items()):
            for region, backend in list(regions.items()):
                yield service.service_name, region, backend


def inventory():
    found = {}
    for service, region, backend in backends():
        for name, value in vars(backend).items():
            if name in NOT_OBJECTS or not isinstance(value, (dict, list)):
                continue
            for key in held(value):
                found.setdefault(f"{service} {region} {name}", []).append(key)
    return found


def held(value):
    """Names of what a collection holds; an empty collection in it, or what was deleted, is nothing."""
    if isinstance(value, list):
        return [f"entry {index}" for index, entry in enumerate(value) if not empty(entry)]
    return [str(key) for key, entry in value.items() if not empty(entry)]


def empty(entry):
    if isinstance(entry, (dict, list, set)):
        return not entry
    return any(str(getattr(entry, word, "")).lower() in GONE for word in ("state", "status"))


def secrets():
    values = []
    for service, _, backend in backends():
        if service == "secretsmanager":
            for secret in backend.secrets.values():
                for version in secret.versions.values():
                    values.append(version.get("secret_string") or "")
    return values


class Group:
    """A target group of type `ip`, as in front of a database."""

    def __init__(self, url):
        self.url = url
        self.arn = None

    def client(self, service):
        return boto3.client(
            service,
            region_name="eu-central-1",
            endpoint_url=self.url,
            aws_access_key_id="emulated",
            aws_secret_access_key="emulated",
        )

    def make(self):
        network = self.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
        made = self.client("elbv2").create_target_group(
            Name="refreshed", Protocol="TCP", Port=5432, VpcId=network, TargetType="ip"
        )
        self.arn = made["TargetGroups"][0]["TargetGroupArn"]
        return [self.arn]

    def stray(self):
        target = {"Id": "10.0.0.9", "Port": 5432}
        self.client("elbv2").register_targets(TargetGroupArn=self.arn, Targets=[target])
        return self.targets()

    def targets(self):
        health = self.client("elbv2").describe_target_health(TargetGroupArn=self.arn)
        targets = [entry["Target"] for entry in health["TargetHealthDescriptions"]]
        return sorted(f"{target['Id']}:{target['Port']}" for target in targets)

    def drop(self):
        self.client("elbv2").delete_target_group(TargetGroupArn=self.arn)
        return []


def name_load_balancers():
    """Every load balancer here is a network one, whose ARN has `net` where the emulator writes `app`."""
    made = load_balancers.make_arn_for_load_balancer
    load_balancers.make_arn_for_load_balancer = lambda **parts: made(**parts).replace("/app/", "/net/", 1)


def main():
    name_load_balancers()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    group = Group(f"http://{host}:{port}")
    questions = {
        "inventory": inventory,
        "secrets": secrets,
        "group make": group.make,
        "group stray": group.stray,
        "group targets": group.targets,
        "group drop": group.drop,
    }
    for line in sys.stdin:
        print(json.dumps(questions[line.strip()]()), flush=True)
    server.stop()


main()

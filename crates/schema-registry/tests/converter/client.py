# Confluent's Python client beside the converters: reads messages of theirs from standard input, one JSON a line, and
# writes to standard output what it has read in them; then messages of its own with the same content. The registry's URL
# is the argument.
import base64
import json
import sys

from confluent_kafka.schema_registry import (
    SchemaRegistryClient, dual_schema_id_deserializer, header_schema_id_serializer, prefix_schema_id_serializer)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

client = SchemaRegistryClient({"url": sys.argv[1]})
# A client remembers a subject's latest version in the form in which it was first asked for: one for each form.
looking = SchemaRegistryClient({"url": sys.argv[1]})
reading = {"schema.id.deserializer": dual_schema_id_deserializer}


def message_class(topic):
    """The first message of the file that is registered for a topic."""
    version = looking.get_latest_version(f"{topic}-value")
    text = looking.get_schema(version.schema_id, fmt="serialized").schema_str
    file = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(text))
    file.name = f"{topic}.proto"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    name = ".".join(part for part in [file.package, file.message_type[0].name] if part)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def plain(message):
    return {
        "id": message.id, "note": message.note, "paid": message.paid, "price": message.price,
        "tags": list(message.tags), "counts": {entry.key: entry.value for entry in message.counts}, "buyer": {"name": message.buyer.name}}


def read(kind, context, data):
    if kind == "AVRO":
        return AvroDeserializer(client, conf=reading)(data, context)
    if kind == "JSON":
        return JSONDeserializer(None, schema_registry_client=client, conf=reading)(data, context)
    conf = reading | {"use.deprecated.format": False}
    return plain(ProtobufDeserializer(message_class(context.topic), conf, client)(data, context))


def write(kind, context, value, schema_id_serializer):
    conf = {"schema.id.serializer": schema_id_serializer, "auto.register.schemas": False, "use.latest.version": True}
    version = looking.get_latest_version(f"{context.topic}-value")
    if kind == "AVRO":
        return AvroSerializer(client, version.schema.schema_str, conf=conf)(value, context)
    if kind == "JSON":
        return JSONSerializer(version.schema.schema_str, client, conf=conf)(value, context)
    # Maps are lists of entries, as Connect writes them.
    entries = [{"key": key, "value": count} for key, count in value["counts"].items()]
    message = message_class(context.topic)(**(value | {"counts": entries}))
    return ProtobufSerializer(type(message), client, conf | {"use.deprecated.format": False})(message, context)


for line in sys.stdin:
    given = json.loads(line)
    headers = [(name, bytes.fromhex(value)) for name, value in given["headers"]]
    context = SerializationContext(given["topic"], MessageField.VALUE, headers)
    value = read(given["kind"], context, bytes.fromhex(given["bytes"]))
    context.headers = []
    in_header = bool(given["headers"])
    data = write(given["kind"], context, value, header_schema_id_serializer if in_header else prefix_schema_id_serializer)
    answer = {"read": value, "bytes": data.hex(), "headers": [[name, value.hex()] for name, value in context.headers]}
    print(json.dumps(answer))

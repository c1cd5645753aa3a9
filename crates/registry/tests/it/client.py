# What teams do with Confluent's Python client, against the registry whose URL is the argument.
import sys

from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Schema, SchemaReference, SchemaRegistryClient, ServerConfig)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

client = SchemaRegistryClient({"url": sys.argv[1]})


def refused(code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except SchemaRegistryError as error:
        assert error.error_code == code, f"{error.error_code} instead of {code}: {error}"
        return
    raise AssertionError(f"{call.__name__} was not refused with {code}")


# Schemas, ids, versions.
one = Schema('{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}]}', "AVRO")
two = Schema('{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"},'
             ' {"name": "note", "type": "string", "default": ""}]}', "AVRO")
wrong = Schema('{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}]}', "AVRO")
first = client.register_schema("orders", one)
assert client.register_schema("orders", one) == first
assert client.get_schema(first).schema_type == "AVRO"
assert client.lookup_schema("orders", one).version == 1
assert client.test_compatibility("orders", two)
assert not client.test_compatibility("orders", wrong)
refused(40901, client.register_schema, "orders", wrong)
second = client.register_schema("orders", two)
assert second > first
assert client.get_versions("orders") == [1, 2]
assert client.get_latest_version("orders").schema_id == second
assert client.get_version("orders", 1).schema_id == first
assert client.get_subjects() == ["orders"]
assert client.get_schema_types is not None and set(client.get_schema_types()) == {"AVRO", "JSON", "PROTOBUF"}

# Config.
assert client.get_config().compatibility_level == "BACKWARD"
client.set_config("orders", ServerConfig(compatibility=ConfigCompatibilityLevel.NONE))
assert client.get_config("orders").compatibility_level == "NONE"
client.delete_config("orders")
client.set_compatibility(level="FULL")
assert client.get_compatibility() == "FULL"
client.set_compatibility(level="BACKWARD")

# References.
part = Schema('{"type": "record", "name": "Part", "fields": []}', "AVRO")
client.register_schema("part", part)
user = Schema('{"type": "array", "items": "Part"}', "AVRO", [SchemaReference("Part", "part", 1)])
used = client.register_schema("user", user)
assert client.get_schema(used).references[0].subject == "part"
refused(42206, client.delete_subject, "part")

# Deletes.
for subject in ["user", "part", "orders"]:
    versions = client.delete_subject(subject)
    assert client.delete_subject(subject, permanent=True) == versions
refused(40401, client.get_versions, "orders")
assert client.get_subjects() == []


# Data in all three formats.
def through(serializer, deserializer, topic, value):
    context = SerializationContext(topic, MessageField.VALUE)
    data = serializer(value, context)
    assert data[0] == 0
    return deserializer(data, context)


row = {"id": 7}
assert through(AvroSerializer(client, one.schema_str), AvroDeserializer(client), "orders", row) == row

person = '{"title": "Person", "type": "object", "properties": {"name": {"type": "string"}}}'
row = {"name": "Ada"}
assert through(JSONSerializer(person, client), JSONDeserializer(person, schema_registry_client=client), "people", row) == row

# What protoc would make of: package shop; message Part { int32 number = 1; }
file = descriptor_pb2.FileDescriptorProto(name="shop/part.proto", package="shop", syntax="proto3")
field = file.message_type.add(name="Part").field.add(name="number", number=1)
field.type, field.label = field.TYPE_INT32, field.LABEL_OPTIONAL
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Part = message_factory.GetMessageClass(pool.FindMessageTypeByName("shop.Part"))
message = Part(number=5)
options = {"use.deprecated.format": False}
serializer = ProtobufSerializer(Part, client, options)
deserializer = ProtobufDeserializer(Part, options, client)
assert through(serializer, deserializer, "parts", message) == message
print("done")

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;

/** Schemas, values and records as JSON that says every attribute; the other side is interop/src/wire. */
final class Wire {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final long DAY_MS = 86_400_000L;
    private static final String LOGICAL = "org.apache.kafka.connect.data.";

    private Wire() {}

    static Schema schema(JsonNode json) {
        if (json == null || json.isNull()) {
            return null;
        }
        Schema.Type type = Schema.Type.valueOf(json.get("type").asText().toUpperCase(java.util.Locale.ROOT));
        Map<String, String> parameters = null;
        if (json.has("parameters")) {
            parameters = new LinkedHashMap<>();
            for (JsonNode entry : json.get("parameters")) {
                parameters.put(entry.get(0).asText(), entry.get(1).asText());
            }
        }
        List<Field> fields = null;
        if (type == Schema.Type.STRUCT) {
            fields = new ArrayList<>();
            for (JsonNode field : json.get("fields")) {
                fields.add(new Field(field.get(0).asText(), fields.size(), schema(field.get(1))));
            }
        }
        boolean optional = json.get("optional").asBoolean();
        String name = json.has("name") ? json.get("name").asText() : null;
        Integer version = json.has("version") ? json.get("version").asInt() : null;
        String doc = json.has("doc") ? json.get("doc").asText() : null;
        Schema key = schema(json.get("key"));
        Schema value = schema(json.get("value"));
        ConnectSchema plain =
            new ConnectSchema(type, optional, null, name, version, doc, parameters, fields, key, value);
        if (!json.has("default")) {
            return plain;
        }
        Object standIn = value(json.get("default"), plain);
        return new ConnectSchema(type, optional, standIn, name, version, doc, parameters, fields, key, value);
    }

    static JsonNode print(Schema schema) {
        if (schema == null) {
            return NODES.nullNode();
        }
        ObjectNode json = NODES.objectNode();
        json.put("type", schema.type().getName());
        json.put("optional", schema.isOptional());
        if (schema.name() != null) {
            json.put("name", schema.name());
        }
        if (schema.version() != null) {
            json.put("version", schema.version());
        }
        if (schema.doc() != null) {
            json.put("doc", schema.doc());
        }
        if (schema.parameters() != null && !schema.parameters().isEmpty()) {
            ArrayNode entries = json.putArray("parameters");
            new TreeMap<>(schema.parameters()).forEach((key, value) -> entries.addArray().add(key).add(value));
        }
        switch (schema.type()) {
            case STRUCT -> {
                ArrayNode fields = json.putArray("fields");
                for (Field field : schema.fields()) {
                    fields.addArray().add(field.name()).add(print(field.schema()));
                }
            }
            case ARRAY -> json.set("value", print(schema.valueSchema()));
            case MAP -> {
                json.set("key", print(schema.keySchema()));
                json.set("value", print(schema.valueSchema()));
            }
            default -> { }
        }
        if (schema.defaultValue() != null) {
            json.set("default", print(schema.defaultValue(), schema));
        }
        return json;
    }

    static Object value(JsonNode json, Schema schema) {
        if (json.isNull()) {
            return null;
        }
        JsonNode content = json.get(1);
        switch (json.get(0).asText()) {
            case "bool": return content.asBoolean();
            case "i8": return (byte) content.asInt();
            case "i16": return (short) content.asInt();
            case "i32": return content.asInt();
            case "i64": return content.asLong();
            case "f32": return Float.intBitsToFloat(Integer.parseUnsignedInt(content.asText(), 16));
            case "f64": return Double.longBitsToDouble(Long.parseUnsignedLong(content.asText(), 16));
            case "str": return content.asText();
            case "bytes": return HexFormat.of().parseHex(content.asText());
            case "dec": return new BigDecimal(new BigInteger(content.asText()), json.get(2).asInt());
            case "date": return new Date(content.asLong() * DAY_MS);
            case "time":
            case "ts": return new Date(content.asLong());
            case "arr": {
                List<Object> items = new ArrayList<>();
                for (JsonNode item : content) {
                    items.add(value(item, schema == null ? null : schema.valueSchema()));
                }
                return items;
            }
            case "map": {
                Map<Object, Object> map = new LinkedHashMap<>();
                for (JsonNode entry : content) {
                    map.put(
                        value(entry.get(0), schema == null ? null : schema.keySchema()),
                        value(entry.get(1), schema == null ? null : schema.valueSchema()));
                }
                return map;
            }
            case "struct": {
                Schema own = content.isNull() ? schema : schema(content);
                Struct row = new Struct(own);
                for (Field field : own.fields()) {
                    JsonNode cell = json.get(2).get(field.index());
                    if (!cell.isNull()) {
                        row.put(field, value(cell, field.schema()));
                    }
                }
                return row;
            }
            default: throw new IllegalArgumentException("no such value: " + json);
        }
    }

    static JsonNode print(Object value, Schema schema) {
        if (value == null) {
            return NODES.nullNode();
        }
        ArrayNode json = NODES.arrayNode();
        if (value instanceof Boolean it) {
            return json.add("bool").add(it);
        } else if (value instanceof Byte it) {
            return json.add("i8").add((int) it);
        } else if (value instanceof Short it) {
            return json.add("i16").add((int) it);
        } else if (value instanceof Integer it) {
            return json.add("i32").add(it);
        } else if (value instanceof Long it) {
            return json.add("i64").add(it);
        } else if (value instanceof Float it) {
            return json.add("f32").add(String.format("%08x", Float.floatToIntBits(it)));
        } else if (value instanceof Double it) {
            return json.add("f64").add(String.format("%016x", Double.doubleToLongBits(it)));
        } else if (value instanceof String it) {
            return json.add("str").add(it);
        } else if (value instanceof byte[] it) {
            return json.add("bytes").add(HexFormat.of().formatHex(it));
        } else if (value instanceof ByteBuffer it) {
            byte[] copy = new byte[it.remaining()];
            it.duplicate().get(copy);
            return json.add("bytes").add(HexFormat.of().formatHex(copy));
        } else if (value instanceof BigDecimal it) {
            return json.add("dec").add(it.unscaledValue().toString()).add(it.scale());
        } else if (value instanceof Date it) {
            return printDate(json, it.getTime(), schema == null ? null : schema.name());
        } else if (value instanceof List<?> it) {
            Schema items = schema != null && schema.type() == Schema.Type.ARRAY ? schema.valueSchema() : null;
            ArrayNode content = json.add("arr").addArray();
            it.forEach(item -> content.add(print(item, items)));
            return json;
        } else if (value instanceof Map<?, ?> it) {
            boolean known = schema != null && schema.type() == Schema.Type.MAP;
            // Java's order of a map means nothing: sorted by text, as the other side does.
            Map<String, JsonNode> sorted = new TreeMap<>();
            it.forEach((key, item) -> {
                ArrayNode entry = NODES.arrayNode();
                entry.add(print(key, known ? schema.keySchema() : null));
                entry.add(print(item, known ? schema.valueSchema() : null));
                sorted.put(entry.get(0).toString(), entry);
            });
            ArrayNode content = json.add("map").addArray();
            sorted.values().forEach(content::add);
            return json;
        } else if (value instanceof Struct it) {
            json.add("struct");
            json.add(it.schema().equals(schema) ? NODES.nullNode() : print(it.schema()));
            ArrayNode cells = json.addArray();
            for (Field field : it.schema().fields()) {
                cells.add(print(it.getWithoutDefault(field.name()), field.schema()));
            }
            return json;
        }
        return json.add("java").add(value.getClass().getName()).add(value.toString());
    }

    private static JsonNode printDate(ArrayNode json, long ms, String name) {
        if ((LOGICAL + "Date").equals(name) && ms % DAY_MS == 0) {
            return json.add("date").add(ms / DAY_MS);
        } else if ((LOGICAL + "Time").equals(name)) {
            return json.add("time").add(ms);
        }
        return json.add("ts").add(ms);
    }

    static SchemaAndValue datum(JsonNode json, List<Schema> schemas) {
        Schema schema = json.get(0).isNull() ? null : schemas.get(json.get(0).asInt());
        return new SchemaAndValue(schema, value(json.get(1), schema));
    }

    static ArrayNode print(SchemaAndValue datum) {
        return NODES.arrayNode().add(print(datum.schema())).add(print(datum.value(), datum.schema()));
    }

    static ConnectRecord<?> record(JsonNode json, List<Schema> schemas) {
        SchemaAndValue key = datum(json.get("key"), schemas);
        SchemaAndValue value = datum(json.get("value"), schemas);
        ConnectHeaders headers = new ConnectHeaders();
        for (JsonNode header : json.get("headers")) {
            SchemaAndValue it = datum(header.get(1), schemas);
            headers.add(header.get(0).asText(), it.value(), it.schema());
        }
        String topic = json.get("topic").asText();
        Integer partition = json.get("partition").isNull() ? null : json.get("partition").asInt();
        Long timestamp = json.get("timestamp").isNull() ? null : json.get("timestamp").asLong();
        if (json.get("offset").isNull()) {
            return new SourceRecord(
                Map.of("p", 1), Map.of("o", 1), topic, partition, key.schema(), key.value(), value.schema(),
                value.value(), timestamp, headers);
        }
        return new SinkRecord(
            topic, partition, key.schema(), key.value(), value.schema(), value.value(),
            json.get("offset").asLong(), timestamp, TimestampType.CREATE_TIME, headers);
    }

    static ObjectNode print(ConnectRecord<?> record) {
        ObjectNode json = NODES.objectNode();
        json.put("topic", record.topic());
        json.put("partition", record.kafkaPartition());
        json.set("key", print(new SchemaAndValue(record.keySchema(), record.key())));
        json.set("value", print(new SchemaAndValue(record.valueSchema(), record.value())));
        json.put("timestamp", record.timestamp());
        ArrayNode headers = json.putArray("headers");
        for (Header header : record.headers()) {
            headers.addArray()
                .add(header.key())
                .add(print(new SchemaAndValue(header.schema(), header.value())));
        }
        return json;
    }
}

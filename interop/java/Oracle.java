import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeSet;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.predicates.Predicate;

/**
 * Drives Kafka Connect's plugins directly: reads requests as JSON, one a line, from standard input and answers each with
 * one line on standard output. A request names a class and its config, and what to apply it to.
 */
public final class Oracle {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Oracle() {}

    /** Applies a plugin to one input; what it throws is part of the answer. */
    private interface Step {
        JsonNode apply(JsonNode input, List<Schema> schemas) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(System.err); // what a plugin prints is no answer
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(answer(JSON.readTree(line)));
            out.flush();
        }
    }

    private static ObjectNode answer(JsonNode request) {
        ObjectNode answer = JSON.createObjectNode();
        if (request.get("op").asText().equals("clients")) {
            answer.set("checks", Clients.check(request.get("bootstrap").asText()));
            return answer;
        }
        if (request.get("op").asText().equals("run")) {
            return Measure.run(request);
        }
        if (request.get("op").asText().equals("prepare")) {
            try {
                return Measure.prepare(request);
            } catch (Throwable error) {
                answer.set("refused", print(error));
                return answer;
            }
        }
        if (request.get("op").asText().equals("compatibility")) {
            answer.set("answers", Compatibility.answers(request.get("pairs")));
            return answer;
        }
        if (request.get("op").asText().equals("plugins")) {
            answer.set("classes", plugins(request.get("kind").asText(), request.path("others")));
            return answer;
        }
        Step step;
        try {
            step = build(request);
        } catch (Throwable error) {
            answer.set("refused", print(error));
            return answer;
        }
        List<Schema> schemas = new ArrayList<>();
        for (JsonNode schema : request.get("schemas")) {
            schemas.add(Wire.schema(schema));
        }
        ArrayNode results = answer.putArray("results");
        for (JsonNode input : request.get("inputs")) {
            try {
                results.add(step.apply(input, schemas));
            } catch (Throwable error) {
                results.addObject().set("error", print(error));
            }
        }
        return answer;
    }

    /** The classes that announce themselves, and those of the others that are there. */
    private static ArrayNode plugins(String kind, JsonNode others) {
        Class<?> type = switch (kind) {
            case "transformation" -> Transformation.class;
            case "predicate" -> Predicate.class;
            case "converter" -> Converter.class;
            case "header_converter" -> HeaderConverter.class;
            default -> throw new IllegalArgumentException("no such kind: " + kind);
        };
        TreeSet<String> names = new TreeSet<>();
        ServiceLoader.load(type).stream().forEach(plugin -> names.add(plugin.type().getName()));
        for (JsonNode other : others) {
            try {
                Class.forName(other.asText(), false, Oracle.class.getClassLoader());
                names.add(other.asText());
            } catch (ClassNotFoundException | LinkageError absent) {
                // its jar is not given
            }
        }
        ArrayNode classes = JSON.createArrayNode();
        names.forEach(classes::add);
        return classes;
    }

    @SuppressWarnings({"rawtypes", "unchecked"}) // a plugin's record type is not known before the request is read
    private static Step build(JsonNode request) throws Exception {
        Map<String, String> config = new HashMap<>();
        request.get("config").properties().forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        Object plugin = Class.forName(request.get("class").asText()).getDeclaredConstructor().newInstance();
        String usage = request.path("usage").asText();
        String topic = request.path("topic").asText();
        switch (request.get("op").asText()) {
            case "transform": {
                Transformation transform = (Transformation) plugin;
                transform.configure(config);
                return (input, schemas) -> {
                    ConnectRecord<?> record = transform.apply(Wire.record(input, schemas));
                    ObjectNode result = JSON.createObjectNode();
                    result.set("record", record == null ? null : Wire.print(record));
                    return result;
                };
            }
            case "predicate": {
                Predicate predicate = (Predicate) plugin;
                predicate.configure(config);
                return (input, schemas) ->
                    JSON.createObjectNode().put("test", predicate.test(Wire.record(input, schemas)));
            }
            case "encode": {
                if (usage.equals("header")) {
                    HeaderConverter converter = header(plugin, config);
                    return (input, schemas) -> {
                        SchemaAndValue datum = Wire.datum(input, schemas);
                        return bytes(converter.fromConnectHeader(topic, "h", datum.schema(), datum.value()));
                    };
                }
                Converter converter = (Converter) plugin;
                converter.configure(config, usage.equals("key"));
                return (input, schemas) -> {
                    SchemaAndValue datum = Wire.datum(input, schemas);
                    return bytes(
                        converter.fromConnectData(topic, new RecordHeaders(), datum.schema(), datum.value()));
                };
            }
            case "decode": {
                if (usage.equals("header")) {
                    HeaderConverter converter = header(plugin, config);
                    return (input, schemas) -> datum(converter.toConnectHeader(topic, "h", bytes(input)));
                }
                Converter converter = (Converter) plugin;
                converter.configure(config, usage.equals("key"));
                return (input, schemas) -> datum(converter.toConnectData(topic, new RecordHeaders(), bytes(input)));
            }
            default:
                throw new IllegalArgumentException("no such request: " + request.get("op"));
        }
    }

    private static HeaderConverter header(Object plugin, Map<String, String> config) {
        HeaderConverter converter = (HeaderConverter) plugin;
        config.put("converter.type", "header");
        converter.configure(config);
        return converter;
    }

    private static JsonNode bytes(byte[] bytes) {
        return JSON.createObjectNode().put("bytes", bytes == null ? null : HexFormat.of().formatHex(bytes));
    }

    private static byte[] bytes(JsonNode json) {
        return json.isNull() ? null : HexFormat.of().parseHex(json.asText());
    }

    private static JsonNode datum(SchemaAndValue datum) {
        return JSON.createObjectNode().set("datum", Wire.print(datum));
    }

    private static ArrayNode print(Throwable error) {
        ArrayNode chain = JSON.createArrayNode();
        for (Throwable it = error; it != null && chain.size() < 10; it = it.getCause()) {
            // A request's maps keep their order; those of Kafka Connect's own converters are of this class.
            String message = it.getMessage() == null ? null : it.getMessage().replace("java.util.LinkedHashMap", "java.util.HashMap");
            chain.addArray().add(it.getClass().getName()).add(message);
        }
        return chain;
    }
}

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.transforms.Transformation;

/**
 * What plugins cost: a chain of transformations or a converter is built once of a request, and then applied to the
 * request's inputs again and again. Inputs are made before the time that is measured. CPU time is the process's, so that
 * what collecting garbage costs counts.
 */
final class Measure {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Where results go, so that nothing can be left out. */
    static volatile Object sink;

    private static Runnable pass;
    private static int records;

    private Measure() {}

    /** Builds, and answers with the results of one pass. */
    @SuppressWarnings({"rawtypes", "unchecked"}) // a plugin's record type is not known before the request is read
    static ObjectNode prepare(JsonNode request) throws Exception {
        List<Schema> schemas = new ArrayList<>();
        for (JsonNode schema : request.get("schemas")) {
            schemas.add(Wire.schema(schema));
        }
        JsonNode inputs = request.get("inputs");
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode results = answer.putArray("results");
        records = inputs.size();
        if (request.has("chain")) {
            Transformation[] chain = new Transformation[request.get("chain").size()];
            for (int at = 0; at < chain.length; at++) {
                chain[at] = (Transformation) plugin(request.get("chain").get(at));
                chain[at].configure(config(request.get("chain").get(at)));
            }
            ConnectRecord[] all = new ConnectRecord[records];
            for (int at = 0; at < records; at++) {
                all[at] = Wire.record(inputs.get(at), schemas);
                results.addObject().set("record", Wire.print(apply(chain, all[at])));
            }
            pass = () -> {
                for (ConnectRecord record : all) {
                    sink = apply(chain, record);
                }
            };
            return answer;
        }
        Converter converter = (Converter) plugin(request);
        converter.configure(config(request), false);
        String topic = request.get("topic").asText();
        if (request.get("direction").asText().equals("encode")) {
            SchemaAndValue[] all = new SchemaAndValue[records];
            for (int at = 0; at < records; at++) {
                all[at] = Wire.datum(inputs.get(at), schemas);
                byte[] bytes =
                    converter.fromConnectData(topic, new RecordHeaders(), all[at].schema(), all[at].value());
                results.addObject().put("bytes", HexFormat.of().formatHex(bytes));
            }
            RecordHeaders headers = new RecordHeaders();
            pass = () -> {
                for (SchemaAndValue datum : all) {
                    sink = converter.fromConnectData(topic, headers, datum.schema(), datum.value());
                }
            };
            return answer;
        }
        byte[][] all = new byte[records][];
        RecordHeaders headers = new RecordHeaders();
        for (int at = 0; at < records; at++) {
            all[at] = HexFormat.of().parseHex(inputs.get(at).asText());
            SchemaAndValue datum = converter.toConnectData(topic, headers, all[at]);
            results.addObject().set("datum", Wire.print(datum));
        }
        pass = () -> {
            for (byte[] bytes : all) {
                sink = converter.toConnectData(topic, headers, bytes);
            }
        };
        return answer;
    }

    /** Runs what was prepared until it has used so many milliseconds of CPU: other work on the machine does not shorten it. */
    static ObjectNode run(JsonNode request) {
        System.gc(); // what came before is not measured
        long enough = request.get("ms").asLong() * 1_000_000L;
        long before = SYSTEM.getProcessCpuTime();
        long passes = 0;
        long used;
        do {
            pass.run();
            passes++;
            used = SYSTEM.getProcessCpuTime() - before;
        } while (used < enough);
        return JSON.createObjectNode().put("records", passes * records).put("cpu_ns", used);
    }

    @SuppressWarnings({"rawtypes", "unchecked"})
    private static ConnectRecord apply(Transformation[] chain, ConnectRecord record) {
        ConnectRecord changed = record;
        for (Transformation transformation : chain) {
            changed = transformation.apply(changed);
        }
        return changed;
    }

    private static Object plugin(JsonNode request) throws Exception {
        return Class.forName(request.get("class").asText()).getDeclaredConstructor().newInstance();
    }

    private static Map<String, String> config(JsonNode request) {
        Map<String, String> config = new HashMap<>();
        request.get("config").properties().forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        return config;
    }
}

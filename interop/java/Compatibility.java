import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.TreeSet;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityResult;

/** Whether data of one Avro schema can be read with another, by Apache Avro. */
final class Compatibility {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Compatibility() {}

    /** An answer to each pair of texts, writer and reader: what keeps it from being read, by kind and place. */
    static ArrayNode answers(JsonNode pairs) {
        ArrayNode answers = JSON.createArrayNode();
        for (JsonNode pair : pairs) {
            answers.add(answer(pair.get(0).asText(), pair.get(1).asText()));
        }
        return answers;
    }

    private static ObjectNode answer(String writerText, String readerText) {
        ObjectNode answer = JSON.createObjectNode();
        Schema writer;
        Schema reader;
        try {
            writer = new Schema.Parser().parse(writerText);
            reader = new Schema.Parser().parse(readerText);
        } catch (RuntimeException error) { // among them a NullPointerException, for names that are not there
            return answer.put("answer", "refused");
        }
        TreeSet<String> reasons = new TreeSet<>();
        try {
            SchemaCompatibilityResult result =
                SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult();
            for (Incompatibility reason : result.getIncompatibilities()) {
                reasons.add(reason.getType() + " " + reason.getLocation());
            }
        } catch (AvroRuntimeException error) {
            // It stops at what it cannot decide: a field of the reader's that is two of the writer's.
            return answer.put("answer", "undecided");
        }
        return answer.put("answer", reasons.isEmpty() ? "readable" : String.join(", ", reasons));
    }
}

// Writes and reads the file that connect-standalone keeps offsets in: a serialized HashMap of byte arrays.
//
//   java Offsets.java write FILE    made connect-standalone.offsets, empty.offsets and strings.ser (OpenJDK 17)
//   java Offsets.java read FILE     prints the entries, one a line, in order

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

public class Offsets {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("write")) {
            write(args[1]);
        } else {
            read(args[1]);
        }
    }

    static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    static void write(String file) throws Exception {
        Map<byte[], byte[]> offsets = new HashMap<>();
        offsets.put(bytes("[\"file-source\",{\"filename\":\"/tmp/a.txt\"}]"), bytes("{\"position\":18}"));
        offsets.put(bytes("[\"ümlaut\",{\"table\":\"t\"}]"), bytes("{\"incrementing\":42}"));
        offsets.put(bytes("[\"reset\",{\"k\":\"v\"}]"), null);
        offsets.put(null, bytes("{}"));
        // One array, twice: the second is a reference in the stream.
        byte[] shared = bytes("{\"position\":7}");
        offsets.put(bytes("[\"same\",{\"n\":1}]"), shared);
        offsets.put(bytes("[\"same\",{\"n\":2}]"), shared);
        for (int n = 0; n < 20; n++) {
            offsets.put(bytes("[\"many\",{\"n\":" + n + "}]"), bytes("{\"p\":" + n + "}"));
        }
        save(file, offsets);
        save(file + ".empty", new HashMap<byte[], byte[]>());
        save(file + ".strings", new HashMap<>(Map.of("a", "b")));
    }

    static void save(String file, Object map) throws Exception {
        try (ObjectOutputStream out = new ObjectOutputStream(new FileOutputStream(file))) {
            out.writeObject(map);
        }
    }

    @SuppressWarnings("unchecked")
    static void read(String file) throws Exception {
        TreeSet<String> lines = new TreeSet<>();
        try (ObjectInputStream in = new ObjectInputStream(new FileInputStream(file))) {
            Map<byte[], byte[]> offsets = (HashMap<byte[], byte[]>) in.readObject();
            for (Map.Entry<byte[], byte[]> entry : offsets.entrySet()) {
                lines.add(text(entry.getKey()) + "=" + text(entry.getValue()));
            }
        }
        System.out.write(bytes(String.join("\n", lines) + "\n"));
        System.out.flush();
    }

    static String text(byte[] bytes) {
        return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
    }
}

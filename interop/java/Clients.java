import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Java's own Kafka clients against a broker: each check is a name, and what went wrong if something did. */
final class Clients {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String bootstrap;
    private final ArrayNode checks = JsonNodeFactory.instance.arrayNode();

    private Clients(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    private interface Body {
        void run() throws Exception;
    }

    static ArrayNode check(String bootstrap) {
        Clients clients = new Clients(bootstrap);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            clients.admin(admin);
            clients.producers(admin);
            clients.groups(admin);
            clients.compression(admin);
            clients.one("admin: delete topics", () -> {
                Set<String> names = admin.listTopics().names().get();
                admin.deleteTopics(names).all().get();
                same(Set.of(), admin.listTopics().names().get());
            });
        } catch (Throwable error) {
            clients.checks.addArray().add("admin client").add(error.toString());
        }
        return clients.checks;
    }

    private void one(String name, Body body) {
        ArrayNode check = checks.addArray().add(name);
        try {
            body.run();
            check.addNull();
        } catch (Throwable error) {
            Throwable cause = error instanceof java.util.concurrent.ExecutionException ? error.getCause() : error;
            check.add(String.valueOf(cause));
        }
    }

    private static void same(Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }

    private void admin(Admin admin) {
        one("admin: describe cluster", () -> same(1, admin.describeCluster().nodes().get().size()));
        one("admin: create topics with partitions and config", () -> {
            NewTopic topic = new NewTopic("three", 3, (short) 1).configs(Map.of("cleanup.policy", "compact"));
            admin.createTopics(List.of(topic, new NewTopic("plain", 1, (short) 1))).all().get();
            same(3, admin.describeTopics(List.of("three")).allTopicNames().get().get("three").partitions().size());
        });
        one("admin: a topic that exists is refused as such", () -> {
            try {
                admin.createTopics(List.of(new NewTopic("three", 3, (short) 1))).all().get();
                throw new AssertionError("it was created again");
            } catch (java.util.concurrent.ExecutionException error) {
                same(TopicExistsException.class, error.getCause().getClass());
            }
        });
        one("admin: describe and alter configs", () -> {
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "three");
            same("compact", config(admin, topic, "cleanup.policy"));
            AlterConfigOp change =
                new AlterConfigOp(new ConfigEntry("retention.ms", "123456"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(topic, List.of(change))).all().get();
            same("123456", config(admin, topic, "retention.ms"));
        });
        one("admin: add partitions", () -> {
            admin.createPartitions(Map.of("plain", NewPartitions.increaseTo(2))).all().get();
            same(2, admin.describeTopics(List.of("plain")).allTopicNames().get().get("plain").partitions().size());
        });
    }

    private static String config(Admin admin, ConfigResource of, String key) throws Exception {
        return admin.describeConfigs(List.of(of)).all().get().get(of).get(key).value();
    }

    private Properties producing(String... more) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("key.serializer", StringSerializer.class.getName());
        properties.put("value.serializer", StringSerializer.class.getName());
        for (int at = 0; at < more.length; at += 2) {
            properties.put(more[at], more[at + 1]);
        }
        return properties;
    }

    private Properties consuming(String... more) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("key.deserializer", StringDeserializer.class.getName());
        properties.put("value.deserializer", StringDeserializer.class.getName());
        properties.put("auto.offset.reset", "earliest");
        properties.put("enable.auto.commit", "false");
        for (int at = 0; at < more.length; at += 2) {
            properties.put(more[at], more[at + 1]);
        }
        return properties;
    }

    private static List<ConsumerRecord<String, String>> take(KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (records.size() < count && System.nanoTime() < end) {
            consumer.poll(Duration.ofMillis(200)).forEach(records::add);
        }
        same(count, records.size());
        return records;
    }

    private void producers(Admin admin) {
        TopicPartition partition = new TopicPartition("records", 0);
        one("producer: idempotent, keys, headers and timestamps kept", () -> {
            // Its records are of 1970, and older than any time for which a topic is kept.
            NewTopic records = new NewTopic("records", 1, (short) 1).configs(Map.of("retention.ms", "-1"));
            admin.createTopics(List.of(records)).all().get();
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(producing());
                    KafkaConsumer<String, String> consumer = new KafkaConsumer<>(consuming())) {
                for (int at = 0; at < 1000; at++) {
                    ProducerRecord<String, String> record =
                        new ProducerRecord<>("records", 0, 1000L + at, "k" + at, at % 2 == 0 ? "v" + at : null);
                    record.headers().add("h", ("h" + at).getBytes(StandardCharsets.UTF_8)).add("n", null);
                    producer.send(record);
                }
                producer.flush();
                consumer.assign(List.of(partition));
                int at = 0;
                for (ConsumerRecord<String, String> record : take(consumer, 1000)) {
                    same((long) at, record.offset());
                    same(1000L + at, record.timestamp());
                    same("k" + at, record.key());
                    same(at % 2 == 0, record.value() != null);
                    same("h" + at, new String(record.headers().lastHeader("h").value(), StandardCharsets.UTF_8));
                    same(true, record.headers().lastHeader("n").value() == null);
                    at++;
                }
            }
        });
        one("admin: list offsets by end and by time", () -> {
            same(1000L, admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all().get().get(partition).offset());
            same(500L, admin.listOffsets(Map.of(partition, OffsetSpec.forTimestamp(1500)))
                .all().get().get(partition).offset());
        });
        one("admin: delete records", () -> {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(100))).all().get();
            same(100L, admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).all().get().get(partition).offset());
        });
        one("producer: transactions committed and aborted, read committed", () -> {
            admin.createTopics(List.of(new NewTopic("transactions", 1, (short) 1))).all().get();
            try (KafkaProducer<String, String> producer =
                        new KafkaProducer<>(producing("transactional.id", "one"));
                    KafkaConsumer<String, String> consumer =
                        new KafkaConsumer<>(consuming("isolation.level", "read_committed"))) {
                producer.initTransactions();
                for (int round = 0; round < 4; round++) {
                    producer.beginTransaction();
                    for (int at = 0; at < 10; at++) {
                        producer.send(new ProducerRecord<>("transactions", round + "-" + at));
                    }
                    producer.flush();
                    if (round % 2 == 0) {
                        producer.commitTransaction();
                    } else {
                        producer.abortTransaction();
                    }
                }
                consumer.assign(List.of(new TopicPartition("transactions", 0)));
                List<ConsumerRecord<String, String>> records = take(consumer, 20);
                same("0-0", records.get(0).value());
                same("2-9", records.get(19).value());
            }
        });
        one("producer: an older producer of the same transactional id is fenced", () -> {
            try (KafkaProducer<String, String> older = new KafkaProducer<>(producing("transactional.id", "two"));
                    KafkaProducer<String, String> newer =
                        new KafkaProducer<>(producing("transactional.id", "two"))) {
                older.initTransactions();
                newer.initTransactions();
                try {
                    older.beginTransaction();
                    older.send(new ProducerRecord<>("transactions", "late")).get();
                    older.commitTransaction();
                    throw new AssertionError("it was not fenced");
                } catch (ProducerFencedException | InvalidProducerEpochException fenced) {
                    // as it must be
                } catch (java.util.concurrent.ExecutionException fenced) {
                    Throwable cause = fenced.getCause();
                    same(true, cause instanceof ProducerFencedException
                        || cause instanceof InvalidProducerEpochException);
                }
            }
        });
    }

    private void groups(Admin admin) {
        one("consumer: a group of two shares partitions, commits and goes on", () -> {
            admin.createTopics(List.of(new NewTopic("shared", 4, (short) 1))).all().get();
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(producing())) {
                for (int at = 0; at < 40; at++) {
                    producer.send(new ProducerRecord<>("shared", at % 4, null, "v" + at));
                }
            }
            String[] settings = {"group.id", "pair", "group.protocol", "classic"};
            try (KafkaConsumer<String, String> first = new KafkaConsumer<>(consuming(settings));
                    KafkaConsumer<String, String> second = new KafkaConsumer<>(consuming(settings))) {
                first.subscribe(List.of("shared"));
                second.subscribe(List.of("shared"));
                long end = System.nanoTime() + PATIENCE.toNanos();
                while (first.assignment().size() != 2 || second.assignment().size() != 2) {
                    first.poll(Duration.ofMillis(100));
                    second.poll(Duration.ofMillis(100));
                    if (System.nanoTime() > end) {
                        throw new AssertionError(
                            "assignments " + first.assignment() + " and " + second.assignment());
                    }
                }
                same("Stable", admin.describeConsumerGroups(List.of("pair")).all().get().get("pair")
                    .groupState().toString());
                TopicPartition zero = new TopicPartition("shared", 0);
                KafkaConsumer<String, String> owner = first.assignment().contains(zero) ? first : second;
                owner.commitSync(Map.of(zero, new OffsetAndMetadata(7, "note")));
                OffsetAndMetadata stored = admin.listConsumerGroupOffsets("pair")
                    .partitionsToOffsetAndMetadata().get().get(zero);
                same(7L, stored.offset());
                same("note", stored.metadata());
            }
        });
        one("admin: list, alter and delete consumer groups", () -> {
            same(true, admin.listGroups().all().get().stream().anyMatch(group -> group.groupId().equals("pair")));
            TopicPartition one = new TopicPartition("shared", 1);
            admin.alterConsumerGroupOffsets("pair", Map.of(one, new OffsetAndMetadata(3))).all().get();
            same(3L, admin.listConsumerGroupOffsets("pair").partitionsToOffsetAndMetadata().get().get(one).offset());
            admin.deleteConsumerGroups(List.of("pair")).all().get();
            same(false, admin.listGroups().all().get().stream().anyMatch(group -> group.groupId().equals("pair")));
        });
    }

    private void compression(Admin admin) {
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            one("producer: batches compressed with " + codec, () -> {
                String topic = "codec-" + codec;
                admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get(30, TimeUnit.SECONDS);
                try (KafkaProducer<String, String> producer =
                            new KafkaProducer<>(producing("compression.type", codec, "linger.ms", "50"));
                        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(consuming())) {
                    for (int at = 0; at < 200; at++) {
                        producer.send(new ProducerRecord<>(topic, "the same text again and again " + at));
                    }
                    producer.flush();
                    consumer.assign(List.of(new TopicPartition(topic, 0)));
                    same("the same text again and again 199", take(consumer, 200).get(199).value());
                }
            });
        }
    }
}

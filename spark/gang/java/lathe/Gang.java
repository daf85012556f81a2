package lathe;

import java.io.*;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.HashPartitioner;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.streaming.Sink;
import org.apache.spark.sql.sources.*;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.sql.vectorized.*;
import org.apache.spark.util.TaskCompletionListener;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/**
 * Data source lathe.Gang: runs a program once for each part of a view, all parts at the same time (a barrier
 * stage), and gives the rows that the programs write. As the sink of a stream it does so with each batch, and
 * writes what comes out to files.
 *
 * Options: input (a view), program (the name of an artifact under files/), workers (their number; 0: one for
 * each partition, independent of each other), order (a line of JSON for the program). The schema is that of
 * the rows that come out. A sink has no input, but output (that schema), path, a folder, and files, a format.
 * See package spark/gang for what goes through the pipes.
 */
public final class Gang implements SchemaRelationProvider, StreamSinkProvider {
  @Override
  public BaseRelation createRelation(SQLContext c, scala.collection.immutable.Map<String, String> options, StructType schema) {
    return new Output(c, CollectionConverters.asJava(options), schema);
  }

  static final class Output extends BaseRelation implements TableScan {
    private final SQLContext context;
    private final Map<String, String> options;
    private final StructType schema;

    Output(SQLContext context, Map<String, String> options, StructType schema) {
      this.context = context;
      this.options = options;
      this.schema = schema;
    }

    @Override public SQLContext sqlContext() { return context; }
    @Override public StructType schema() { return schema; }
    @Override public boolean needConversion() { return false; } // the rows are InternalRow

    @Override
    @SuppressWarnings("unchecked")
    public RDD<Row> buildScan() {
      SparkSession session = (SparkSession) context.sparkSession();
      Dataset<Row> input = (Dataset<Row>) (Object) session.table(options.get("input"));
      return (RDD<Row>) (Object) rows(session, session.sessionUUID(), input, options);
    }
  }

  @Override
  public Sink createSink(SQLContext c, scala.collection.immutable.Map<String, String> options,
      scala.collection.immutable.Seq<String> partitions, OutputMode mode) {
    return new Batches(((SparkSession) c.sparkSession()).sessionUUID(), CollectionConverters.asJava(options));
  }

  /** The sink of a stream: a folder for each batch, which takes the place of an earlier try of it. */
  static final class Batches implements Sink {
    private final String artifacts; // the session that has them; a stream runs in a copy of it
    private final Map<String, String> options;

    Batches(String artifacts, Map<String, String> options) {
      this.artifacts = artifacts;
      this.options = options;
    }

    @Override
    public void addBatch(long batch, org.apache.spark.sql.Dataset<Row> data) {
      SparkSession session = (SparkSession) data.sparkSession();
      // the plan of a batch is not one that can be planned anew; its rows are
      Dataset<Row> input = session.internalCreateDataFrame(((Dataset<Row>) data).queryExecution().toRdd(), data.schema(), false);
      StructType schema = StructType.fromDDL(options.get("output"));
      session.internalCreateDataFrame(rows(session, artifacts, input, options), schema, false)
          .write().format(options.get("files")).mode("overwrite").save(options.get("path") + "/batch=" + batch);
    }
  }

  static RDD<InternalRow> rows(SparkSession session, String artifacts, Dataset<Row> input, Map<String, String> options) {
    int workers = Integer.parseInt(options.get("workers"));
    if (workers > 0) {
      Slots.check(session.sparkContext(), workers);
      input = (Dataset<Row>) (Object) input.repartition(workers);
    }
    Task task = new Task(header(session, input), new String[] {session.sessionUUID(), artifacts}, options.get("program"), options.get("order"), workers > 0);
    ClassTag<byte[]> bytes = ClassTag.apply(byte[].class);
    RDD<byte[]> rows = input.toArrowBatchRdd();
    if (workers == 0) {
      return JavaRDD.fromRDD(rows, bytes).mapPartitions(task::run).flatMap(Gang::decode).rdd();
    }
    // The shuffle behind the barrier makes it a stage that Spark can run again as a whole (a failed barrier
    // stage at the end of a job ends the job), and keeps what came out: a second pass over the rows, such as
    // sampling for ORDER BY, does not train again.
    JavaRDD<byte[]> out = JavaRDD.fromRDD(rows.barrier().mapPartitions(new Barrier(task), false, bytes), bytes);
    return out.mapToPair(b -> new scala.Tuple2<>(Arrays.hashCode(b), b))
        .partitionBy(new HashPartitioner(workers)).flatMap(kv -> decode(kv._2)).rdd();
  }

  private static byte[] header(SparkSession session, Dataset<Row> input) {
    try {
      ByteArrayOutputStream b = new ByteArrayOutputStream();
      MessageSerializer.serialize(new WriteChannel(Channels.newChannel(b)),
          arrow(input.schema(), session.sessionState().conf().sessionLocalTimeZone()));
      return b.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Releases differ in how many switches the function has, all of which are off. */
  private static Schema arrow(StructType schema, String zone) {
    for (Method m : ArrowUtils.class.getMethods()) {
      if (!m.getName().equals("toArrowSchema")) continue;
      Object[] arguments = new Object[m.getParameterCount()];
      Arrays.fill(arguments, false);
      arguments[0] = schema;
      arguments[1] = zone;
      try {
        return (Schema) m.invoke(null, arguments);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("lathe gang: this Spark makes Arrow schemas in another way", e);
      }
    }
    throw new IllegalStateException("lathe gang: this Spark makes no Arrow schemas");
  }

  static final class Slots {
    private static int count(SparkContext c) {
      return c.maxNumConcurrentTasks(c.resourceProfileManager().defaultResourceProfile());
    }

    /** Spark would wait for slots that never come. */
    static void check(SparkContext c, int workers) {
      int slots = count(c);
      // executors may still be on their way, above all when the application has just begun
      long until = Math.max(System.currentTimeMillis() + 5_000, c.startTime() + 60_000);
      while (slots < workers && System.currentTimeMillis() < until) {
        try {
          Thread.sleep(250);
        } catch (InterruptedException e) {
          throw new IllegalStateException("interrupted while waiting for executors", e);
        }
        slots = count(c);
      }
      if (slots < workers) {
        throw new IllegalArgumentException("lathe gang: " + workers + " workers, but the cluster can run " + slots
            + " tasks at a time; ask for fewer workers or give Spark more executor cores");
      }
    }
  }

  /** Spark's mapPartitions of barrier stages takes a function of Scala. */
  static final class Barrier extends scala.runtime.AbstractFunction1<scala.collection.Iterator<byte[]>, scala.collection.Iterator<byte[]>>
      implements Serializable {
    private final Task task;

    Barrier(Task task) { this.task = task; }

    @Override
    public scala.collection.Iterator<byte[]> apply(scala.collection.Iterator<byte[]> rows) {
      try {
        return CollectionConverters.asScala(task.run(CollectionConverters.asJava(rows)));
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new RuntimeException(e);
      }
    }
  }

  /** One worker: a process, fed with rows. */
  static final class Task implements Serializable {
    private final byte[] header;
    private final String[] sessions; // that may have the program
    private final String program, order;
    private final boolean barrier;

    Task(byte[] header, String[] sessions, String program, String order, boolean barrier) {
      this.header = header;
      this.sessions = sessions;
      this.program = program;
      this.order = order;
      this.barrier = barrier;
    }

    Iterator<byte[]> run(Iterator<byte[]> rows) throws Exception {
      TaskContext context = TaskContext.get();
      int rank = context.partitionId();
      String host = "127.0.0.1";
      int world = context.numPartitions();
      if (barrier) {
        BarrierTaskContext b = BarrierTaskContext.get();
        world = b.getTaskInfos().length;
        host = URI.create("x://" + b.getTaskInfos()[rank].address()).getHost();
        if (host == null) host = b.getTaskInfos()[rank].address().split(":")[0];
      }
      Path file = find();
      ProcessBuilder builder = new ProcessBuilder(file.toString());
      builder.environment().putAll(Map.of("LATHE_GANG_RANK", "" + rank, "LATHE_GANG_WORLD", "" + world, "LATHE_GANG_HOST", host,
          "LATHE_GANG_ATTEMPT", "" + (barrier ? context.stageAttemptNumber() : context.attemptNumber())));
      Process process = builder.start();
      // Whatever ends the task ends the process. The end of its standard input, which stays open until then,
      // ends it when this executor dies.
      context.addTaskCompletionListener((TaskCompletionListener) c -> process.destroyForcibly());
      Worker worker = new Worker(process, rank);
      worker.watch(context);
      DataInputStream out = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
      String[] peers = {worker.address(out)};
      if (barrier) peers = BarrierTaskContext.get().allGather(peers[0]);
      OutputStream in = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
      StringJoiner addresses = new StringJoiner("\",\"", "[\"", "\"]\n");
      for (String p : peers) addresses.add(p);
      in.write((order + "\n" + addresses).getBytes(StandardCharsets.UTF_8));
      worker.feed(context, in, header, rows);
      return worker.answers(out, barrier);
    }

    /** The program is an artifact of the session; where that is, differs between releases. */
    private Path find() throws IOException {
      Path root = Paths.get(SparkFiles.getRootDirectory());
      List<Path> places = new ArrayList<>();
      for (String s : sessions) places.add(root.resolve(s).resolve(program));
      places.add(root.resolve(program));
      for (Path p : places) {
        if (Files.isRegularFile(p)) {
          if (!p.toFile().setExecutable(true)) throw new IOException("cannot make " + p + " executable");
          return p.toAbsolutePath();
        }
      }
      throw new FileNotFoundException("program " + program + " under " + root);
    }
  }

  /** The threads around one process: one writes its input, one reads what it says. */
  static final class Worker {
    private final Process process;
    private final int rank;
    private final StringBuffer said = new StringBuffer();
    private final Thread listener;
    private volatile Throwable feedError;

    Worker(Process process, int rank) {
      this.process = process;
      this.rank = rank;
      listener = daemon("listen", () -> {
        try (BufferedReader r = process.errorReader()) {
          for (String line; (line = r.readLine()) != null;) {
            System.err.println("[lathe worker " + rank + "] " + line);
            if (said.length() > 8000) said.delete(0, 4000);
            said.append(line).append('\n');
          }
        } catch (IOException e) {
          said.append(e).append('\n');
        }
      });
    }

    private Thread daemon(String what, Runnable r) {
      Thread t = new Thread(r, "lathe-" + what + "-" + rank);
      t.setDaemon(true);
      t.start();
      return t;
    }

    /** A task that Spark kills may wait for the process: releases before 4.2 tell nobody, so this asks. */
    void watch(TaskContext context) {
      daemon("watch", () -> {
        try {
          while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
            if (context.isInterrupted()) process.destroyForcibly();
          }
        } catch (InterruptedException e) {
          process.destroyForcibly();
        }
      });
    }

    String address(DataInputStream out) throws Exception {
      ByteArrayOutputStream b = new ByteArrayOutputStream();
      for (int c; (c = out.read()) != '\n'; b.write(c)) {
        if (c < 0) throw failed("it ended before it said its address");
      }
      return b.toString(StandardCharsets.UTF_8);
    }

    void feed(TaskContext context, OutputStream in, byte[] header, Iterator<byte[]> rows) {
      daemon("feed", () -> {
        Contexts.set(context);
        try {
          in.write(header);
          while (rows.hasNext()) in.write(rows.next());
          in.write(new byte[] {-1, -1, -1, -1, 0, 0, 0, 0}); // Arrow's mark of the end
          in.flush();
        } catch (Throwable e) { // what Spark's computation of the rows throws, too
          feedError = e;
          process.destroyForcibly();
        }
      });
    }

    RuntimeException failed(String how) throws InterruptedException {
      process.destroyForcibly();
      listener.join(2000);
      return new RuntimeException("lathe worker " + rank + ": " + how + (feedError != null ? "; its rows: " + feedError : "") + "\n" + said,
          feedError);
    }

    /**
     * The parts of the output, each a whole Arrow stream. A task of a gang ends when all have ended well: Spark keeps
     * the result of one that ends just behind the failure of another, and then starts a gang that lacks it and waits for it.
     */
    Iterator<byte[]> answers(DataInputStream out, boolean gang) {
      return new Iterator<byte[]>() {
        private byte[] next;
        private boolean ended;

        @Override
        public boolean hasNext() {
          try {
            if (next == null && !ended) read();
          } catch (InterruptedException e) {
            throw new RuntimeException(e);
          }
          return next != null;
        }

        private void read() throws InterruptedException {
          try {
            int n = out.readInt();
            if (n > 0) {
              next = new byte[n];
              out.readFully(next);
              return;
            }
          } catch (IOException e) {
            process.waitFor(5, TimeUnit.SECONDS);
            throw failed(process.isAlive() ? "its output ends: " + e : "exit status " + process.exitValue());
          }
          ended = true;
          if (!process.waitFor(30, TimeUnit.SECONDS)) throw failed("it does not end");
          if (process.exitValue() != 0) throw failed("exit status " + process.exitValue());
          if (gang) BarrierTaskContext.get().barrier();
        }

        @Override
        public byte[] next() {
          if (!hasNext()) throw new NoSuchElementException();
          byte[] b = next;
          next = null;
          return b;
        }
      };
    }
  }

  /** Threads beside a task's own have no task; the computation of rows needs it. */
  static final class Contexts {
    static void set(TaskContext c) { org.apache.spark.TaskContext$.MODULE$.setTaskContext(c); }
  }

  static Iterator<InternalRow> decode(byte[] stream) {
    RootAllocator memory = new RootAllocator();
    ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(stream), memory);
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) c -> {
      try {
        reader.close();
        memory.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    return new Iterator<InternalRow>() {
      private Iterator<InternalRow> rows = Collections.emptyIterator();
      private boolean ended;

      @Override
      public boolean hasNext() {
        try {
          while (!ended && !rows.hasNext()) {
            ended = !reader.loadNextBatch();
            if (ended) break;
            ColumnVector[] columns = reader.getVectorSchemaRoot().getFieldVectors().stream()
                .map(ArrowColumnVector::new).toArray(ColumnVector[]::new);
            ColumnarBatch batch = new ColumnarBatch(columns);
            batch.setNumRows(reader.getVectorSchemaRoot().getRowCount());
            rows = batch.rowIterator();
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return rows.hasNext();
      }

      @Override
      public InternalRow next() {
        if (!hasNext()) throw new NoSuchElementException();
        return rows.next();
      }
    };
  }
}

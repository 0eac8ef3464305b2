import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** OpenSearch with the modules of its distribution that are published as libraries. Arguments: folder, port. */
public final class EmbeddedOpenSearch extends Node {
  private static final List<String> MODULES =
      List.of(
          "transport.Netty4ModulePlugin",
          "analysis.common.CommonAnalysisModulePlugin",
          "painless.PainlessModulePlugin",
          "index.reindex.ReindexModulePlugin",
          "index.mapper.MapperExtrasModulePlugin",
          "ingest.common.IngestCommonModulePlugin",
          "search.pipeline.common.SearchPipelineCommonModulePlugin");

  private EmbeddedOpenSearch(Settings settings, Path config) {
    super(
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), config, () -> "opsdesk"),
        MODULES.stream().map(name -> plugin("org.opensearch." + name)).toList(),
        false);
  }

  private static PluginInfo plugin(String className) {
    return new PluginInfo(
        className, "", "0", Version.CURRENT, "17", className, null, List.of(), false);
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    Path config = Files.createDirectories(folder.resolve("config"));
    Settings settings =
        Settings.builder()
            .put("path.home", folder)
            .put("cluster.name", "opsdesk")
            .put("discovery.type", "single-node")
            .put("transport.type", "netty4")
            .put("http.type", "netty4")
            .put("network.host", "127.0.0.1")
            .put("http.port", args[1])
            .put("transport.port", "0")
            // A developer's disk that is nearly full must not make indexes read-only.
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .put("action.auto_create_index", false)
            // What the serial collector has not cleared yet counts as used, and requests would be refused for garbage.
            .put("indices.breaker.total.use_real_memory", false)
            .build();
    Node node = new EmbeddedOpenSearch(settings, config);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try (node) {
                    ended.countDown();
                  } catch (Exception exception) {
                    exception.printStackTrace();
                  }
                }));
    node.start();
    ended.await();
  }
}

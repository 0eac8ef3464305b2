import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.PluginInfo;

/** One OpenSearch node of the published libraries: `SearchNode FOLDER PORT`. For tests. */
public final class SearchNode extends Node {
  private SearchNode(Environment environment, List<PluginInfo> plugins) {
    super(environment, plugins, true);
  }

  private static PluginInfo plugin(String type) {
    return new PluginInfo(
        type, "part of the node", "NA", Version.CURRENT, "21", type, null, Collections.emptyList(), false);
  }

  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    home.resolve("config").toFile().mkdirs();
    Settings settings =
        Settings.builder()
            .put("path.home", home)
            .put("path.data", home.resolve("data"))
            .put("path.logs", home.resolve("logs"))
            .put("cluster.name", "opsdesk-tests")
            .put("node.name", "one")
            .put("discovery.type", "single-node")
            .put("transport.type", "netty4")
            .put("http.type", "netty4")
            .put("http.port", args[1])
            .put("transport.port", "0")
            .put("network.host", "127.0.0.1")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .put("action.auto_create_index", false)
            .build();
    List<PluginInfo> plugins = new ArrayList<>();
    for (String type :
        new String[] {
          "org.opensearch.transport.Netty4ModulePlugin",
          "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
          "org.opensearch.painless.PainlessModulePlugin",
          "org.opensearch.index.reindex.ReindexModulePlugin",
          "org.opensearch.index.mapper.MapperExtrasModulePlugin",
          "org.opensearch.ingest.common.IngestCommonModulePlugin",
          "org.opensearch.search.pipeline.common.SearchPipelineCommonModulePlugin"
        }) plugins.add(plugin(type));
    Environment environment =
        InternalSettingsPreparer.prepareEnvironment(settings, Collections.emptyMap(), null, () -> "one");
    SearchNode node = new SearchNode(environment, plugins);
    node.start();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    node.close();
                  } catch (Exception error) {
                    error.printStackTrace();
                  }
                }));
    Thread.currentThread().join();
  }
}

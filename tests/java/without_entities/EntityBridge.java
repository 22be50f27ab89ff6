import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import java.lang.reflect.Method;

/** The twin of with_entities for SDK versions before 1.9, which have none. */
final class EntityBridge {
  private EntityBridge() {}

  static void signal(DurableTaskClient client, JsonNode signal) {
    throw new UnsupportedOperationException("this SDK version has no entities");
  }

  static JsonNode state(DurableTaskClient client, JsonNode entity) {
    throw new UnsupportedOperationException("this SDK version has no entities");
  }

  static void register(String name, Class<?> type, Method method, DurableTaskGrpcWorkerBuilder worker) {}
}

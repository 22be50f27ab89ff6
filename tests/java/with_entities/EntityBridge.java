import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.StringValue;
import com.microsoft.durabletask.DurableTaskClient;
import com.microsoft.durabletask.DurableTaskGrpcWorkerBuilder;
import com.microsoft.durabletask.EntityInstanceId;
import com.microsoft.durabletask.EntityMetadata;
import com.microsoft.durabletask.TaskEntityOperation;
import com.microsoft.durabletask.azurefunctions.DurableEntityTrigger;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.EntityBatchRequest;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.EntityBatchResult;
import com.microsoft.durabletask.implementation.protobuf.OrchestratorService.OperationRequest;
import java.lang.reflect.Method;
import java.util.Base64;

/** What the tests do with entities; its twin without_entities serves SDK versions before 1.9. */
final class EntityBridge {
  private EntityBridge() {}

  static void signal(DurableTaskClient client, JsonNode signal) throws InterruptedException {
    client.getEntities().signalEntity(id(signal), signal.path("operation").asText(), signal.path("input"));
    Thread.sleep(200); // a signal has no answer to wait for
  }

  static JsonNode state(DurableTaskClient client, JsonNode entity) {
    EntityMetadata found = client.getEntities().getEntityMetadata(id(entity), true);
    return found == null ? null : found.readStateAs(JsonNode.class);
  }

  private static EntityInstanceId id(JsonNode node) {
    return new EntityInstanceId(node.path("name").asText(), node.path("key").asText());
  }

  /** Sends each operation through the entity function as a batch of one, the shape in which the host calls it. */
  static void register(String name, Class<?> type, Method method, DurableTaskGrpcWorkerBuilder worker)
      throws ReflectiveOperationException {
    if (!Host.has(method, DurableEntityTrigger.class)) {
      return;
    }
    var constructor = type.getDeclaredConstructor();
    constructor.setAccessible(true);
    Object functions = constructor.newInstance();
    worker.addEntity(name, () -> operation -> run(functions, method, operation));
  }

  private static Object run(Object functions, Method method, TaskEntityOperation operation) throws Exception {
    OperationRequest.Builder request =
        OperationRequest.newBuilder().setOperation(operation.getName()).setRequestId("1");
    if (operation.hasInput()) {
      request.setInput(StringValue.of(operation.getInput(JsonNode.class).toString()));
    }
    EntityBatchRequest.Builder batch =
        EntityBatchRequest.newBuilder().setInstanceId(operation.getContext().getId().toString()).addOperations(request);
    JsonNode state = operation.getState().getState(JsonNode.class);
    if (state != null) {
      batch.setEntityState(StringValue.of(state.toString()));
    }
    String encoded = Base64.getEncoder().encodeToString(batch.build().toByteArray());
    String answer = (String) method.invoke(functions, encoded);
    EntityBatchResult result = EntityBatchResult.parseFrom(Base64.getDecoder().decode(answer));
    if (result.getResults(0).hasFailure()) {
      throw new IllegalStateException(result.getResults(0).getFailure().getFailureDetails().getErrorMessage());
    }
    ObjectMapper mapper = new ObjectMapper();
    operation.getState().setState(result.hasEntityState() ? mapper.readTree(result.getEntityState().getValue()) : null);
    String value = result.getResults(0).getSuccess().getResult().getValue();
    return value.isEmpty() ? null : mapper.readTree(value);
  }
}

import com.microsoft.azure.functions.*;
import com.microsoft.azure.functions.annotation.*;
import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azurefunctions.*;

public class Hello {
  @FunctionName("StartGreet")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<String> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    String id = durable.getClient().scheduleNewOrchestrationInstance("Greet", request.getBody());
    return durable.createCheckStatusResponse(request, id);
  }

  @FunctionName("Greet")
  public String greet(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    String name = ctx.getInput(String.class);
    return ctx.callActivity("SayHello", name, String.class).await(); // without await() nothing waits
  }

  @FunctionName("SayHello")
  public String sayHello(@DurableActivityTrigger(name = "name") String name) {
    return "Hello " + name;
  }
}

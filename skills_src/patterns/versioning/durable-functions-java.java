import com.microsoft.azure.functions.HttpMethod;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import com.microsoft.azure.functions.annotation.AuthorizationLevel;
import com.microsoft.azure.functions.annotation.FunctionName;
import com.microsoft.azure.functions.annotation.HttpTrigger;
import com.microsoft.durabletask.*;
import com.microsoft.durabletask.azurefunctions.DurableActivityTrigger;
import com.microsoft.durabletask.azurefunctions.DurableClientContext;
import com.microsoft.durabletask.azurefunctions.DurableClientInput;
import com.microsoft.durabletask.azurefunctions.DurableOrchestrationTrigger;
import com.microsoft.durabletask.util.VersionUtils;

public class Versioning {
  public static class Refund {
    public String refundId;
    public int amount;
  }

  public static class Result {
    public String refundId;
    public String status;
    public boolean checked;
  }

  @FunctionName("StartProcessRefund")
  public HttpResponseMessage start(
      @HttpTrigger(name = "request", methods = {HttpMethod.POST}, authLevel = AuthorizationLevel.FUNCTION)
          HttpRequestMessage<Refund> request,
      @DurableClientInput(name = "durable") DurableClientContext durable) {
    // Without setVersion the host stamps "defaultVersion" of host.json, if that is set.
    NewOrchestrationInstanceOptions options =
        new NewOrchestrationInstanceOptions().setInput(request.getBody()).setVersion("2.0.0");
    String id = durable.getClient().scheduleNewOrchestrationInstance("ProcessRefund", options);
    return durable.createCheckStatusResponse(request, id);
  }

  @FunctionName("ProcessRefund")
  public Result processRefund(@DurableOrchestrationTrigger(name = "ctx") TaskOrchestrationContext ctx) {
    Refund refund = ctx.getInput(Refund.class);
    Result result = new Result();
    result.refundId = refund.refundId;
    result.checked = isAtLeast(ctx.getVersion(), "2.0.0"); // fixed for the instance when it was scheduled
    if (result.checked && !ctx.callActivity("CheckFraud", refund, Boolean.class).await()) {
      result.status = "refused";
      return result;
    }
    ctx.callActivity("RefundPayment", refund).await();
    result.status = "refunded";
    return result;
  }

  /** An instance without a version has an empty one and takes the old path. */
  private static boolean isAtLeast(String version, String wanted) {
    return version != null && !version.isEmpty() && VersionUtils.compareVersions(version, wanted) >= 0;
  }

  @FunctionName("CheckFraud")
  public boolean checkFraud(@DurableActivityTrigger(name = "refund") Refund refund) {
    return refund.amount < 1000;
  }

  @FunctionName("RefundPayment")
  public void refundPayment(@DurableActivityTrigger(name = "refund") Refund refund) {
    System.out.println("refunded " + refund.refundId);
  }
}

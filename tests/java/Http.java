import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.azure.functions.HttpRequestMessage;
import com.microsoft.azure.functions.HttpResponseMessage;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Requests to HTTP functions, and their answers, without a server. */
final class Http {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Http() {}

  /** A request whose body is read into what `type`, an HttpRequestMessage of something, asks for. */
  static HttpRequestMessage<?> request(Type type, JsonNode body) {
    Type wanted = ((ParameterizedType) type).getActualTypeArguments()[0];
    Object value = wanted == String.class && !body.isTextual()
        ? body.toString()
        : JSON.convertValue(body, JSON.constructType(wanted));
    return proxy(HttpRequestMessage.class, (self, method, arguments) -> switch (method.getName()) {
      case "getBody" -> value;
      case "getUri" -> URI.create("http://localhost:7071/api/start");
      case "createResponseBuilder" -> builder();
      default -> null;
    });
  }

  /** The instance that an answer of 202 tells the address of. */
  static String instance(HttpResponseMessage answer) {
    String address = answer.getHeader("Location").replaceFirst(".*/instances/([^?]+).*", "$1");
    return URLDecoder.decode(address, StandardCharsets.UTF_8);
  }

  private static HttpResponseMessage.Builder builder() {
    Map<String, String> headers = new HashMap<>();
    return proxy(HttpResponseMessage.Builder.class, (self, method, arguments) -> {
      if (method.getName().equals("header")) {
        headers.put((String) arguments[0], (String) arguments[1]);
      }
      return method.getName().equals("build")
          ? proxy(HttpResponseMessage.class, (answer, getter, names) -> headers.get(names == null ? "" : names[0]))
          : self;
    });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Prints the public API of the SDK on the class path as declarations that compile: names and signatures, no bodies.
 *
 * <p>To record another release: put its jars on the class path, run this class, and keep what it prints as
 * durabletask-VERSION.api.
 */
public final class Record {
  private static final String SDK = "com/microsoft/durabletask/";
  private static final String BODY = "throw new UnsupportedOperationException();";
  private static final StringBuilder OUT = new StringBuilder();

  public static void main(String[] args) throws Exception {
    for (String name : names()) {
      Class<?> type = Class.forName(name.replace('/', '.'), false, Record.class.getClassLoader());
      if (Modifier.isPublic(type.getModifiers())) {
        OUT.append("//// ").append(name).append(".java\npackage ").append(type.getPackageName()).append(";\n");
        declare(type, "");
      }
    }
    System.out.print(OUT);
  }

  private static Iterable<String> names() throws IOException {
    TreeSet<String> found = new TreeSet<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        try (Stream<Path> files = Files.walk(path)) {
          files.forEach(file -> found.add(path.relativize(file).toString()));
        }
      } else if (Files.exists(path)) {
        try (JarFile jar = new JarFile(entry)) {
          jar.stream().forEach(file -> found.add(file.getName()));
        }
      }
    }
    return found.stream()
        .filter(name -> name.startsWith(SDK) && name.endsWith(".class") && !name.contains("$"))
        .filter(name -> !name.contains("/protobuf/") && !name.contains("/middleware/"))
        .map(name -> name.substring(0, name.length() - ".class".length()))
        .toList();
  }

  private static boolean seen(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static String name(Type type) {
    return type.getTypeName().replace('$', '.');
  }

  private static String list(Type[] types) {
    return Stream.of(types).map(Record::name).collect(Collectors.joining(", "));
  }

  private static String variables(TypeVariable<?>[] variables) {
    return variables.length == 0
        ? ""
        : Stream.of(variables).map(Record::variable).collect(Collectors.joining(", ", "<", "> "));
  }

  private static String variable(TypeVariable<?> variable) {
    String bounds = Stream.of(variable.getBounds()).map(Record::name).collect(Collectors.joining(" & "));
    return bounds.equals("java.lang.Object") ? variable.getName() : variable.getName() + " extends " + bounds;
  }

  private static String parameters(Executable member) {
    Parameter[] parameters = member.getParameters();
    Type[] generic = member.getGenericParameterTypes();
    List<String> found = new ArrayList<>();
    for (int i = 0; i < parameters.length; i++) {
      String type = name(generic.length == parameters.length ? generic[i] : parameters[i].getType());
      if (member.isVarArgs() && i == parameters.length - 1) {
        type = type.substring(0, type.length() - 2) + "...";
      }
      found.add(type + " " + "p" + i);
    }
    Type[] thrown = member.getGenericExceptionTypes();
    return "(" + String.join(", ", found) + ")" + (thrown.length == 0 ? "" : " throws " + list(thrown));
  }

  private static void declare(Class<?> type, String indent) {
    String inner = indent + "  ";
    head(type, indent);
    if (type.isEnum()) {
      String constants = Stream.of(type.getEnumConstants()).map(one -> ((Enum<?>) one).name())
          .collect(Collectors.joining(", "));
      OUT.append(inner).append(constants).append(";\n");
    } else if (!type.isInterface()) {
      constructors(type, inner);
    }
    for (Field field : sorted(type.getDeclaredFields(), Field::getName)) {
      if (seen(field.getModifiers()) && !field.isEnumConstant() && !field.isSynthetic()) {
        OUT.append(inner).append(Modifier.toString(field.getModifiers() & ~Modifier.FINAL)).append(' ')
            .append(name(field.getGenericType())).append(' ').append(field.getName())
            .append(type.isInterface() ? " = null" : "").append(";\n");
      }
    }
    for (Method method : sorted(type.getDeclaredMethods(), Method::toGenericString)) {
      boolean made = type.isEnum() && List.of("values", "valueOf").contains(method.getName());
      if (seen(method.getModifiers()) && !method.isSynthetic() && !made) {
        method(type, method, inner);
      }
    }
    for (Class<?> nested : sorted(type.getDeclaredClasses(), Class::getName)) {
      if (seen(nested.getModifiers())) {
        declare(nested, inner);
      }
    }
    OUT.append(indent).append("}\n");
  }

  private static void head(Class<?> type, String indent) {
    int modifiers = type.getModifiers() & ~Modifier.INTERFACE;
    if (type.isInterface() || type.isEnum()) {
      modifiers &= ~(Modifier.ABSTRACT | Modifier.STATIC | Modifier.FINAL);
    }
    if (type.isAnnotation()) {
      OUT.append(indent).append("@java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME)\n")
          .append(indent).append("@java.lang.annotation.Target(java.lang.annotation.ElementType.PARAMETER)\n");
    }
    String kind = type.isAnnotation() ? "@interface"
        : type.isEnum() ? "enum" : type.isInterface() ? "interface" : "class";
    OUT.append(indent).append(Modifier.toString(modifiers)).append(' ').append(kind).append(' ')
        .append(type.getSimpleName()).append(variables(type.getTypeParameters()));
    if (!type.isAnnotation() && !type.isEnum()) {
      Type parent = type.getGenericSuperclass();
      if (parent != null && parent != Object.class) {
        OUT.append(" extends ").append(name(parent));
      }
      if (type.getGenericInterfaces().length > 0) {
        OUT.append(type.isInterface() ? " extends " : " implements ").append(list(type.getGenericInterfaces()));
      }
    }
    OUT.append(" {\n");
  }

  private static void constructors(Class<?> type, String indent) {
    boolean any = false;
    for (Constructor<?> one : sorted(type.getDeclaredConstructors(), Constructor::toGenericString)) {
      if (seen(one.getModifiers())) {
        any = true;
        OUT.append(indent).append(Modifier.toString(one.getModifiers())).append(' ').append(type.getSimpleName())
            .append(parameters(one)).append(" { ").append(parent(type)).append(BODY).append(" }\n");
      }
    }
    if (!any) { // hidden constructors must not become a public default one
      OUT.append(indent).append(type.getSimpleName()).append("() { ").append(parent(type)).append("}\n");
    }
  }

  /** The call of a parent's constructor, where the parent has none without arguments. */
  private static String parent(Class<?> type) {
    Class<?> parent = type.getSuperclass();
    Constructor<?>[] all = parent.getDeclaredConstructors();
    if (Stream.of(all).anyMatch(one -> one.getParameterCount() == 0 && !Modifier.isPrivate(one.getModifiers()))) {
      return "";
    }
    return Stream.of(all).filter(one -> seen(one.getModifiers())).findFirst()
        .map(one -> Stream.of(one.getParameterTypes()).map(Record::anything).collect(Collectors.joining(", ")))
        .map(arguments -> "super(" + arguments + "); ").orElse("");
  }

  private static String anything(Class<?> type) {
    return type.isPrimitive() ? "0" : "(" + name(type) + ") null";
  }

  private static void method(Class<?> type, Method method, String indent) {
    int modifiers = method.getModifiers() & ~(Modifier.TRANSIENT | Modifier.VOLATILE | Modifier.SYNCHRONIZED);
    if (type.isInterface()) {
      modifiers &= ~(Modifier.ABSTRACT | Modifier.PUBLIC);
    }
    OUT.append(indent).append(method.isAnnotationPresent(Deprecated.class) ? "@Deprecated " : "")
        .append(method.isDefault() ? "default " : "").append(Modifier.toString(modifiers)).append(' ')
        .append(variables(method.getTypeParameters())).append(name(method.getGenericReturnType())).append(' ')
        .append(method.getName()).append(parameters(method));
    if (type.isAnnotation()) {
      Object value = method.getDefaultValue();
      OUT.append(value == null ? "" : " default \"" + value + "\"").append(";\n");
    } else {
      OUT.append(Modifier.isAbstract(method.getModifiers()) ? ";\n" : " { " + BODY + " }\n");
    }
  }

  private static <T> List<T> sorted(T[] items, java.util.function.Function<T, String> key) {
    return Arrays.stream(items).sorted(Comparator.comparing(key)).toList();
  }
}

package javax.annotation;

/** The mark on generated classes, which left the JDK with version 11 and is a library of its own since. */
public @interface Generated {
  String[] value();

  String date() default "";

  String comments() default "";
}

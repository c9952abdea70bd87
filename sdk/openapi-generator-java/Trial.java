import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.example.chatsession.ApiClient;
import org.example.chatsession.ApiException;
import org.example.chatsession.api.ChatSessionApi;
import org.example.chatsession.model.ChatSessionEntity;
import org.example.chatsession.model.ErrorResponse;

/** Plays what docs/sdk.md promises of OpenAPI Generator's java. Each `passed` is a step that `cargo xtask sdk` waits for. */
public final class Trial {
  private static final String SERVICE = System.getenv("SDK_SERVICE");
  private static final String LATER_SERVICE = System.getenv("SDK_LATER_SERVICE");
  private static final String TICKET = System.getenv("SDK_TICKET");

  private static void passed(String step) {
    System.out.println("passed: " + step);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }

  /** The library `native` knows no sign-in of its own: the header is set on every request. */
  private static ChatSessionApi api(String url, String authorization) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(url);
    client.setRequestInterceptor(request -> request.header("Authorization", authorization));
    return new ChatSessionApi(client);
  }

  private static String basic(String user, String password) {
    byte[] credentials = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(credentials);
  }

  private static List<ChatSessionEntity> list(ChatSessionApi api) throws ApiException {
    return api.v1ChatSessionEntityChatSessionsForUser(null, null, null, "Europe/Oslo", null);
  }

  private static ErrorResponse body(ApiException refused) throws Exception {
    ObjectMapper mapper = ApiClient.createDefaultObjectMapper();
    return mapper.readValue(refused.getResponseBody(), ErrorResponse.class);
  }

  public static void main(String[] arguments) throws Exception {
    try {
      list(api(SERVICE, basic("tje0", "wrong")));
      throw new AssertionError("a wrong password was let in");
    } catch (ApiException refused) {
      require(refused.getCode() == 401, "a wrong password is refused");
      require(body(refused).getError(), "the error says that it is one");
    }
    require(!list(api(SERVICE, "SoTicket " + TICKET)).isEmpty(), "a ticket lets in");
    passed("sign-in");

    ChatSessionApi api = api(SERVICE, basic("tje0", "Tje0"));
    List<ChatSessionEntity> sessions = list(api);
    require(sessions.size() > 5, "the list");
    ChatSessionEntity closed =
        sessions.stream().filter(session -> session.getChatSessionId() == 900).findFirst().orElseThrow();
    require(closed.getStatus().equals("Closed"), "the status");
    require(closed.getUser().getFullName().equals("Terje Jensen"), "the agent");
    require(closed.getWhenRequested().toInstant().toString().equals("2026-03-02T08:00:00Z"), "the time of the request");
    passed("list");

    require(closed.getPerson() == null, "a person that is null");
    require(closed.getTicket().getClosedAt() == null, "a date that is null");
    passed("null");

    String created = closed.getTicket().getCreatedAt().toString();
    require(created.equals(DATE), created);
    passed("date");

    int pickedUp = 0;
    try {
      for (; pickedUp < 100; pickedUp++) {
        ChatSessionEntity session = api.v1ChatSessionEntityPickUpFirstChatSession(null, null, null, null, null, null);
        require(session.getStatus().equals("UserLast"), "a session that was picked up");
        require(session.getLastMessage() != null, "the welcome message");
      }
      throw new AssertionError("the queue has no end");
    } catch (ApiException nothing) {
      require(pickedUp > 0, "somebody waited");
      passed("pickup");
      require(nothing.getCode() == 404, "the end of the queue");
      ErrorResponse body = body(nothing);
      require(body.getError() && !body.getErrorMessage().isEmpty(), "the documented body of a 404");
      passed("not-found");
    }

    List<ChatSessionEntity> later = list(api(LATER_SERVICE, basic("tje0", "Tje0")));
    require(later.size() == 1, "the list of a later service");
    ChatSessionEntity escalated = later.get(0);
    require(escalated.getStatus().equals("Escalated"), "a status that is not known");
    require(escalated.getFlags().equals("CustomerIsTyping, CustomerIsRecording"), "a flag that is not known");
    passed("unknown-value");
  }

  private static final String DATE = "2010-10-19T09:40:58.736376900+02:00";
}

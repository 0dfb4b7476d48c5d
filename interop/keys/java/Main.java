// Stock JOSE libraries of Java verify the ES256 signature of one mandate with keys from each document (README.md).

import com.auth0.jwk.UrlJwkProvider;
import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Jwk;
import io.jsonwebtoken.security.Jwks;
import java.net.URI;
import java.net.URL;
import java.security.Key;
import java.security.interfaces.ECPublicKey;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;

class Main {
  interface Verifier {
    /** The subject of the verified token. */
    String verify(URL url, String token) throws Exception;
  }

  record Library(String name, Class<?> of, Verifier verifier) {}

  static final Library[] LIBRARIES = {
    new Library("Nimbus JOSE+JWT", JWSAlgorithm.class, Main::nimbus),
    new Library("jose4j", HttpsJwks.class, Main::jose4j),
    new Library("jwks-rsa (Java)", UrlJwkProvider.class, Main::auth0),
    new Library("JJWT", Jwts.class, Main::jjwt),
  };

  static String nimbus(URL url, String token) throws Exception {
    var processor = new DefaultJWTProcessor<SecurityContext>();
    var source = JWKSourceBuilder.create(url).build();
    processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.ES256, source));
    return processor.process(token, null).getSubject();
  }

  static String jose4j(URL url, String token) throws Exception {
    var consumer =
        new JwtConsumerBuilder()
            .setVerificationKeyResolver(new HttpsJwksVerificationKeyResolver(new HttpsJwks(url.toString())))
            .setJwsAlgorithmConstraints(AlgorithmConstraints.ConstraintType.PERMIT, "ES256")
            .build();
    return consumer.processToClaims(token).getSubject();
  }

  static String auth0(URL url, String token) throws Exception {
    var jwk = new UrlJwkProvider(url).get(JWT.decode(token).getKeyId());
    var algorithm = Algorithm.ECDSA256((ECPublicKey) jwk.getPublicKey(), null);
    return JWT.require(algorithm).build().verify(token).getSubject();
  }

  static String jjwt(URL url, String token) throws Exception {
    Map<String, Key> keys = new LinkedHashMap<>();
    try (var document = url.openStream()) {
      for (Jwk<?> jwk : Jwks.setParser().build().parse(document)) keys.put(jwk.getId(), jwk.toKey());
    }
    var parser = Jwts.parser().keyLocator(header -> keys.get(header.get("kid"))).build();
    return parser.parseSignedClaims(token).getPayload().getSubject();
  }

  static String failureOf(Verifier verifier, String url, String token, String subject) {
    try {
      return verifier.verify(URI.create(url).toURL(), token).equals(subject) ? null : "verified other claims";
    } catch (Exception error) {
      return error.getClass().getSimpleName() + ": " + error.getMessage();
    }
  }

  /** The version, from the name of the archive of the class, such as jose4j-0.9.6.jar. */
  static String versionOf(Class<?> type) {
    var path = type.getProtectionDomain().getCodeSource().getLocation().getPath();
    return path.replaceFirst(".*-([0-9.]+)\\.jar$", "$1");
  }

  public static void main(String[] args) throws Exception {
    var mapper = new ObjectMapper();
    JsonNode request = mapper.readTree(System.in);
    var documents = request.get("documents");
    for (Library library : LIBRARIES) {
      for (var names = documents.fieldNames(); names.hasNext(); ) {
        var document = names.next();
        var answer = new LinkedHashMap<String, String>();
        answer.put("library", library.name());
        answer.put("version", versionOf(library.of()));
        answer.put("document", document);
        answer.put(
            "failure",
            failureOf(
                library.verifier(),
                documents.get(document).asText(),
                request.get("token").asText(),
                request.get("subject").asText()));
        System.out.println(mapper.writeValueAsString(answer));
      }
    }
  }
}

// Reads and writes ML-DSA-65 keys with the provider that Java brings along. One command a line on standard input, base64
// throughout; one answer a line.
//
//   sign PKCS8 MESSAGE     -> the signature, or "refused CLASS"
//   generate MESSAGE       -> PKCS8, SPKI, and the signature of the message

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

public class MlDsaKeys {
    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            String[] words = line.split(" ");
            System.out.println(switch (words[0]) {
                case "sign" -> sign(decode(words[1]), decode(words[2]));
                case "generate" -> generate(decode(words[1]));
                default -> throw new IllegalArgumentException(words[0]);
            });
        }
    }

    static String sign(byte[] pkcs8, byte[] message) {
        try {
            PrivateKey key = KeyFactory.getInstance("ML-DSA-65").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            return encode(sign(key, message));
        } catch (Exception refusal) {
            return "refused " + refusal.getClass().getSimpleName();
        }
    }

    static String generate(byte[] message) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("ML-DSA-65").generateKeyPair();
        return String.join(" ",
            encode(pair.getPrivate().getEncoded()),
            encode(pair.getPublic().getEncoded()),
            encode(sign(pair.getPrivate(), message)));
    }

    static byte[] sign(PrivateKey key, byte[] message) throws Exception {
        Signature signature = Signature.getInstance("ML-DSA-65");
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }

    static byte[] decode(String text) {
        return Base64.getDecoder().decode(text);
    }

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}

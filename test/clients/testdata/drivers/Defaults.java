import java.sql.*;
import java.util.Properties;

/** Redshift's JDBC driver with the URL that "penstock env" exports: TLS, verified; nothing else is set. */
public class Defaults {
  public static void main(String[] args) throws Exception {
    Properties p = new Properties();
    p.put("user", System.getenv("PGUSER"));
    p.put("password", System.getenv("PGPASSWORD"));
    String url = System.getenv("PENSTOCK_JDBC_URL");
    try (Connection c = DriverManager.getConnection(url, p); Statement s = c.createStatement()) {
      s.execute("create table jdbc(a int, b varchar(10))");
      try (PreparedStatement i = c.prepareStatement("insert into jdbc values (?, ?)")) {
        i.setInt(1, 1);
        i.setString(2, "x");
        i.executeUpdate();
      }
      try (ResultSet r = s.executeQuery("select a, b from jdbc")) {
        if (!r.next() || r.getInt(1) != 1 || !r.getString(2).equals("x") || r.next()) throw new Exception("another row");
      }
      if (!c.isValid(5)) throw new Exception("not valid");
    }
    try {
      DriverManager.getConnection(url.substring(0, url.indexOf(';')), p).close();
      throw new Exception("connected without trust");
    } catch (SQLException e) {
      System.out.println("ok");
    }
  }
}

// Log lines and metrics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "policies/rules/registry.hpp"
#include "webhook/telemetry/event_log.hpp"
#include "webhook/telemetry/metrics.hpp"

namespace cvm::webhook {
namespace {

using testing::HasSubstr;

// The lines that `write` logs.
template <typename Write>
std::vector<std::string> logged(LogFormat format, EventLog::Level level, Write&& write) {
  std::FILE* file = std::tmpfile();
  {
    auto output = std::make_shared<LogOutput>(fileno(file));
    EventLog log(format, level, output);
    write(log);
  }
  if (std::fseek(file, 0, SEEK_SET) != 0) ADD_FAILURE() << "cannot read the log again";
  std::string text;
  for (int byte; (byte = std::fgetc(file)) != EOF;) text += static_cast<char>(byte);
  std::fclose(file);
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(EventLog, WritesJsonThatIsValidWhateverIsLogged) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  const auto lines = logged(LogFormat::kJson, EventLog::Level::info, [&](EventLog& log) {
    log.info("decision", {{"text", every_byte},
                          {"utf8", "gr\xC3\xB6\xC3\x9F\xE2\x82\xAC \xF0\x9F\x98\x80"},
                          {"broken", "\xED\xA0\x80 \xC0\xAF \xF5\x80\x80\x80 \xE2\x82"},
                          {"allowed", true},
                          {"count", std::int64_t{-7}},
                          {"ratio", 0.5}});
  });
  ASSERT_EQ(lines.size(), 1U);
  const auto line = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["msg"], "decision");
  EXPECT_EQ(line["utf8"], "gr\xC3\xB6\xC3\x9F\xE2\x82\xAC \xF0\x9F\x98\x80");
  EXPECT_EQ(line["allowed"], true);
  EXPECT_EQ(line["count"], -7);
  EXPECT_EQ(line["ratio"], 0.5);
  EXPECT_THAT(line["broken"].get<std::string>(), testing::Not(HasSubstr("\xED\xA0\x80")));
  EXPECT_EQ(line["text"].get<std::string>().substr(0, 128), every_byte.substr(0, 128));
  EXPECT_TRUE(std::regex_match(line["time"].get<std::string>(),
                               std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
}

TEST(EventLog, WritesTextOnOneLine) {
  const auto lines = logged(LogFormat::kText, EventLog::Level::info, [](EventLog& log) {
    log.warn("file not reloaded", {{"reason", "two\nlines"}, {"file", "settings"}, {"empty", ""}});
  });
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("Z warning file not reloaded reason=\"two\\nlines\" "
                                  "file=settings empty=\"\""));
}

TEST(EventLog, LeavesOutWhatIsBelowItsLevel) {
  const auto lines = logged(LogFormat::kJson, EventLog::Level::warn, [](EventLog& log) {
    log.debug("no");
    log.info("no");
    log.error("yes");
  });
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(lines[0])["level"], "error");
}

TEST(EventLog, KeepsLinesWholeBetweenThreads) {
  const auto lines = logged(LogFormat::kJson, EventLog::Level::info, [](EventLog& log) {
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; ++number) {
      threads.emplace_back([own = log.for_another_thread()] {
        for (int line = 0; line < 2000; ++line) {
          own->info("line", {{"text", std::string(static_cast<std::size_t>(line % 200), 'x')}});
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  EXPECT_EQ(lines.size(), 8000U);
  for (const std::string& line : lines) ASSERT_TRUE(nlohmann::json::accept(line)) << line;
}

TEST(LogOutput, DropsAndCountsWhatNobodyReads) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  {
    LogOutput output(ends[1]);
    const std::string lines(1 << 20, 'x');
    // The writer may take over what waits once, and at any moment; the rest waits or is dropped.
    for (int number = 0; number < 80; ++number) output.submit(lines);
    EXPECT_GE(output.dropped_bytes(), 20U << 20);
    EXPECT_EQ(output.dropped_bytes() % lines.size(), 0U);
    close(ends[0]);  // the writer gets EPIPE and gives up
  }
  close(ends[1]);
}

// "name{labels}" -> value; fails on a line that is not of the text format.
std::map<std::string, double> parse_metrics(const std::string& text) {
  static const std::regex kSample(R"(([a-zA-Z_:][a-zA-Z0-9_:]*(?:\{[^}]*\})?) (\S+))");
  std::map<std::string, double> samples;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.empty() || line.starts_with("# HELP ") || line.starts_with("# TYPE ")) continue;
    std::smatch match;
    if (!std::regex_match(line, match, kSample)) {
      ADD_FAILURE() << line;
      continue;
    }
    samples[match[1]] = std::stod(match[2]);
  }
  return samples;
}

TEST(Metrics, SumsWhatThreadsCounted) {
  AdmissionCounters one, other;
  ConnectionCounters connections;
  ServiceCounters service;
  LogOutput output(STDERR_FILENO);
  one.count(0, Outcome::kAdmitted, std::chrono::microseconds(7));
  other.count(0, Outcome::kAdmitted, std::chrono::microseconds(70));
  other.count(1, Outcome::kRefused, std::chrono::seconds(2));
  other.count_finding({rules::node_selinux, RuleAction::kDeny, {}});
  other.count_finding({{.id = "unheard-of"}, RuleAction::kWarn, {}});
  connections.open.add(3);
  connections.count_refusal(413);
  service.settings.failed.add();
  const Metrics metrics({{&one, &other}, {&connections}, &service, &output});
  const auto samples = parse_metrics(metrics.render());

  const auto value = [&](const std::string& name) {
    const auto found = samples.find(name);
    return found == samples.end() ? -1.0 : found->second;
  };
  EXPECT_EQ(value("cvm_webhook_requests_total{endpoint=\"mutate\",decision=\"admitted\","
                  "code=\"200\"}"),
            2);
  EXPECT_EQ(value("cvm_webhook_requests_total{endpoint=\"validate\",decision=\"refused\","
                  "code=\"403\"}"),
            1);
  EXPECT_EQ(value("cvm_webhook_findings_total{rule=\"node-selinux\",action=\"deny\"}"), 1);
  EXPECT_EQ(value("cvm_webhook_findings_total{rule=\"other\",action=\"warn\"}"), 1);
  EXPECT_EQ(value("cvm_webhook_decision_duration_seconds_bucket{endpoint=\"mutate\",le=\"1e-05\"}"),
            1);
  EXPECT_EQ(value("cvm_webhook_decision_duration_seconds_count{endpoint=\"mutate\"}"), 2);
  EXPECT_NEAR(value("cvm_webhook_decision_duration_seconds_sum{endpoint=\"mutate\"}"), 77e-6, 1e-9);
  EXPECT_EQ(
      value("cvm_webhook_decision_duration_seconds_bucket{endpoint=\"validate\",le=\"+Inf\"}"), 1);
  EXPECT_EQ(value("cvm_webhook_connections"), 3);
  EXPECT_EQ(value("cvm_webhook_http_refusals_total{code=\"413\"}"), 1);
  EXPECT_EQ(value("cvm_webhook_reloads_total{file=\"settings\",result=\"failure\"}"), 1);
  EXPECT_EQ(value("cvm_webhook_nodes"), -1) << "there is no source of nodes";
  EXPECT_GT(value("process_resident_memory_bytes"), 1e6);
  EXPECT_GE(value("process_open_fds"), 3);
  EXPECT_GT(value("process_start_time_seconds"), 1.6e9);
  service.has_node_source.set(1);
  service.nodes.set(5);
  EXPECT_EQ(parse_metrics(metrics.render()).at("cvm_webhook_nodes"), 5);
}

TEST(Metrics, CountsTheFindingsOfEveryRuleByItsId) {
  AdmissionCounters counters;
  ConnectionCounters connections;
  ServiceCounters service;
  LogOutput output(STDERR_FILENO);
  for (const RuleDescriptor* rule : all_rules()) {
    counters.count_finding({*rule, RuleAction::kDeny, {}});
  }
  const Metrics metrics({{&counters}, {&connections}, &service, &output});
  const auto samples = parse_metrics(metrics.render());
  const auto count = [&samples](std::string_view rule) {
    const auto found = samples.find("cvm_webhook_findings_total{rule=\"" + std::string(rule) +
                                    "\",action=\"deny\"}");
    return found == samples.end() ? 0 : found->second;
  };
  for (const RuleDescriptor* rule : all_rules()) EXPECT_EQ(count(rule->id), 1) << rule->id;
  EXPECT_EQ(count("runtime-class-missing"), 1);
  EXPECT_EQ(count("other"), 0);
}

}  // namespace
}  // namespace cvm::webhook

import Monitoring
import Testing

@Suite struct MetricMathTests {
    private let metrics: [String: [Double?]] = ["m1": [1, nil, 3], "m2": [10, 0, nil], "gone": [nil, nil, nil]]

    private func evaluate(_ expression: String) throws -> [Double?] { try MetricMath(expression).evaluate(metrics) }

    @Test(arguments: [
        ("m1 + m2", [11, 0, 3] as [Double?]), ("m1 * 2", [2, nil, 6]), ("-m1", [-1, nil, -3]),
        ("2 + 3 * 2 ^ 2", [14, 14, 14]), ("(2 + 3) * 2", [10, 10, 10]), ("10 - 3 - 2", [5, 5, 5]),
        ("m1 / m2", [0.1, nil, nil]), ("FILL(m1, 0) / FILL(m2, 1)", [0.1, nil, 3]),
        ("m1 > 2", [0, nil, 1]), ("m1 >= 1 AND m2 > 5", [1, 0, 0]), ("m1 == 3 || m2 == 10", [1, 0, 1]),
        ("gone + m1", [1, nil, 3]), ("gone + gone", [nil, nil, nil]),
        ("SUM(m1)", [4, 4, 4]), ("AVG(m1)", [2, 2, 2]), ("MAX(m1) - MIN(m1)", [2, 2, 2]),
        ("SUM([m1, m2])", [11, 0, 3]), ("MAX(METRICS())", [10, 0, 3]), ("RUNNING_SUM(m1)", [1, nil, 4]),
        ("FILL(gone, 7)", [7, 7, 7]), ("FILL(m1, REPEAT)", [1, 1, 3]), ("FILL(m1, LINEAR)", [1, 2, 3]),
        ("IF(m1 > 2, m1)", [nil, nil, 3]), ("IF(m2 > 5, 1, 0)", [1, 0, nil]), ("m2 / PERIOD(m2) * 6", [1, 0, nil]),
        ("ABS(0 - m1)", [1, nil, 3]), ("CEIL(m1 / 2) + FLOOR(m1 / 2)", [1, nil, 3]), ("1.5e1", [15, 15, 15]),
    ])
    func gives(_ expression: String, _ expected: [Double?]) throws {
        #expect(try evaluate(expression) == expected)
    }

    @Test(arguments: [
        "", "m1 +", "m1 m2", "FILL(m1)", "IF(m1)", "NOPE(m1)", "m3", "METRICS(\"e\")", "1.2.3", "(m1", "[m1", "m1, m2",
        "[m1, m2]", "m1 # m2", String(repeating: "(", count: 5_000), String(repeating: "-", count: 5_000) + "1",
    ])
    func refuses(_ expression: String) {
        #expect(throws: MetricMathError.self) { try evaluate(expression) }
    }

    @Test func seriesOfDifferentLengthsAreRefused() {
        #expect(throws: MetricMathError.self) { try MetricMath("a + b").evaluate(["a": [1], "b": [1, 2]]) }
    }

    @Test func aRefusalSaysWhere() {
        let error = #expect(throws: MetricMathError.self) { try evaluate("m1 + zz") }
        #expect(error?.description == "The metric-math expression names zz, which is not there (at character 5).")
    }
}

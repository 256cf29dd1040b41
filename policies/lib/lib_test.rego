package mergeline.lib_test

import data.mergeline.lib

test_seconds if {
	lib.seconds("0s") == 0
	lib.seconds("30m") == 1800
	lib.seconds("2w") == 1209600
}

test_seconds_of_no_duration if {
	every text in ["", "5", "1.5h", "01m", "-1s", "1y", " 1s"] {
		not lib.seconds(text)
	}
}

test_above if {
	lib.above("1.10.0", "1.9.9")
	lib.above("2.0.0", "1.9.9")
	lib.above("1.0.0", "1.0.0-rc.1")
	lib.above("1.0.0-rc.2", "1.0.0-rc.1")
	lib.above("1.0.0-rc.10", "1.0.0-rc.9")
	lib.above("1.0.0-rc", "1.0.0-10")
	lib.above("1.0.0-rc.1.1", "1.0.0-rc.1")
	lib.above("1.0.0-rc.a", "1.0.0-rc.99")
}

test_not_above if {
	not lib.above("1.0.0", "1.0.0")
	not lib.above("1.0.0+b", "1.0.0+a")
	not lib.above("1.0.0-rc.1", "1.0.0")
	not lib.above("1.0.0-rc.9", "1.0.0-rc.10")
	not lib.above("1.0.0-rc.1", "1.0.0-rc.1")
	not lib.above("1.9.9", "1.10.0")
	not lib.above("1.0", "0.9.0")
}

test_given if {
	lib.given({"a": {"b": 1}}, ["a", "b"])
	not lib.given({"a": {"b": null}}, ["a", "b"])
	not lib.given({"a": []}, ["a"])
	not lib.given({"a": {}}, ["a"])
	not lib.given({"a": ""}, ["a"])
	not lib.given({"a": null}, ["a", "b"])
	not lib.given({}, ["a"])
}

test_full_digest if {
	lib.full_digest("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
	not lib.full_digest("sha256:0123")
	not lib.full_digest("sha256:0000000000000000000000000000000000000000000000000000000000000000")
}

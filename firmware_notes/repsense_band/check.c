/*
 * Runs repsense_band.c on lines of text, so that it can be compared with another implementation.
 *
 *     cc -std=c99 -Wall -Wextra -Werror -pedantic check.c repsense_band.c -o check
 *     echo 'packet 20 2 0 7 40000 0 0 4096 1 2 4095' | ./check
 *
 * packet  PAYLOAD SCALE GYRO SEQUENCE LAST_US, then 3 (or 6) counts a sample -> bytes in hex
 * counts  MILLI_G SCALE MILLI_DPS                                            -> both in counts
 * info    FEATURES RATE_CHZ HIGHEST_CHZ                                      -> bytes in hex
 * control HEX, feedback HEX                                                  -> fields, or "unknown"
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repsense_band.h"

#define LONGEST_LINE 8192

static void print_hex(const uint8_t *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        printf("%02x", bytes[i]);
    }
    printf("\n");
}

static long number(char **text) {
    return strtol(*text, text, 10);
}

static size_t read_hex(const char *text, uint8_t *out, size_t capacity) {
    size_t length = 0;
    unsigned value = 0;
    while (length < capacity && sscanf(text, "%2x", &value) == 1) {
        out[length++] = (uint8_t)value;
        text += 2;
    }
    return length;
}

static bool another_sample(const char *text) {
    return text[strspn(text, " \r\n")] != '\0';
}

static void check_packet(char *text) {
    rsb_packet packet;
    const size_t payload = (size_t)number(&text);
    const uint8_t scale = (uint8_t)number(&text);
    const bool gyro = number(&text) != 0;
    const uint16_t sequence = (uint16_t)number(&text);
    const uint32_t last_us = (uint32_t)strtoul(text, &text, 10);
    if (!rsb_begin(&packet, payload, scale, gyro, sequence)) {
        printf("refused\n");
        return;
    }
    bool room = true;
    while (room && another_sample(text)) {
        int16_t values[6] = {0};
        for (int axis = 0; axis < (gyro ? 6 : 3); axis++) {
            values[axis] = (int16_t)number(&text);
        }
        room = rsb_add(&packet, values, values + 3);
    }
    print_hex(packet.bytes, rsb_finish(&packet, last_us));
}

static void check_counts(char *text) {
    const int32_t milli_g = (int32_t)number(&text);
    const uint8_t scale = (uint8_t)number(&text);
    const int32_t milli_dps = (int32_t)number(&text);
    printf("%d %d\n", rsb_accel_counts(milli_g, scale), rsb_gyro_counts(milli_dps));
}

static void check_info(char *text) {
    uint8_t bytes[RSB_INFO_BYTES];
    const uint16_t features = (uint16_t)number(&text);
    const uint16_t rate = (uint16_t)number(&text);
    rsb_info(bytes, features, rate, (uint16_t)number(&text));
    print_hex(bytes, sizeof bytes);
}

static void check_control(const uint8_t *bytes, size_t length) {
    rsb_control control;
    if (rsb_read_control(bytes, length, &control)) {
        printf("%d %u %d\n", (int)control.command, (unsigned)control.rate_chz, control.gyro);
    } else {
        printf("unknown\n");
    }
}

static void check_feedback(const uint8_t *bytes, size_t length) {
    rsb_feedback wish;
    if (rsb_read_feedback(bytes, length, &wish)) {
        printf("%d %d %u %u %u\n", wish.light, wish.motor, (unsigned)wish.on_ms,
               (unsigned)wish.off_ms, (unsigned)wish.times);
    } else {
        printf("unknown\n");
    }
}

int main(void) {
    static char line[LONGEST_LINE];
    uint8_t bytes[64];
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        char *rest = strchr(line, ' ');
        rest = rest != NULL ? rest + 1 : line + strlen(line);
        if (strncmp(line, "packet ", 7) == 0) {
            check_packet(rest);
        } else if (strncmp(line, "counts ", 7) == 0) {
            check_counts(rest);
        } else if (strncmp(line, "info ", 5) == 0) {
            check_info(rest);
        } else if (strncmp(line, "control", 7) == 0) {
            check_control(bytes, read_hex(rest, bytes, sizeof bytes));
        } else if (strncmp(line, "feedback", 8) == 0) {
            check_feedback(bytes, read_hex(rest, bytes, sizeof bytes));
        } else {
            fprintf(stderr, "what is '%s'?\n", line);
            return 2;
        }
    }
    return 0;
}

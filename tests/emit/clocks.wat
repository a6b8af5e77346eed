  (elem (;0;) (i32.const 0) func $list_0)
  (func $list_0 (param $frame i32) (param $out i32)
    (local i64 i64 i64 i32)
    (if ;; label = @1
      (call $is_before
        (local.get $frame)
        (local.get $out)
        (i64.const 1796083200000))
      (then
        (if ;; label = @2
          (if (result i32) ;; label = @2
            (call $less
              (local.get $out)
              (i64.load offset=152
                (local.get $frame))
              (i64.const 1795593600000)
              (i64.const 1))
            (then
              (i32.eqz
                (call $less
                  (local.get $out)
                  (local.set 2
                    (select
                      (local.tee 2
                        (i64.rem_s
                          (i64.load offset=152
                            (local.get $frame))
                          (i64.const 86400000)))
                      (i64.add
                        (local.get 2)
                        (i64.const 86400000))
                      (i64.ge_s
                        (local.get 2)
                        (i64.const 0))))
                  (drop
                    (call $midnight
                      (local.get $out)
                      (local.get 2)
                      (i64.const 1)))
                  (local.get 2)
                  (i64.const 21600000)
                  (i64.const 1))))
            (else
              (i32.const 0)))
          (then
            (call $note_held
              (local.get $out)
              (i64.const 0)
              (i32.const 1))))))
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i64.le_s
          (call $step
            (local.get $out)
            (i64.load offset=136
              (local.get $frame))
            (i64.const 60000)
            (i64.const 1))
          (i64.const 90))
        (then
          (i32.eqz
            (i32.eqz
              (call $less
                (local.get $out)
                (local.set 2
                  (i64.load offset=144
                    (local.get $frame)))
                (i64.const 0)
                (local.get 2)
                (i64.const 1)))))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 1)
          (i32.const 1))))
    (if ;; label = @1
      (local.tee 5
        (block (result i32) ;; label = @1
          (local.set 2
            (i64.load offset=152
              (local.get $frame)))
          (local.set 3
            (i64.load offset=136
              (local.get $frame)))
          (if ;; label = @2
            (i64.lt_s
              (i64.and
                (i64.xor
                  (local.tee 4
                    (i64.add
                      (local.get 2)
                      (local.get 3)))
                  (local.get 2))
                (i64.xor
                  (local.get 4)
                  (local.get 3)))
              (i64.const 0))
            (then
              (i64.store offset=16
                (local.get $out)
                (i64.const 0))
              (br 1 (;@1;)
                (i32.const 131840))))
          (local.set 4
            (select
              (local.tee 3
                (i64.rem_s
                  (local.tee 2
                    (call $drift
                      (local.get $out)
                      (local.get 4)
                      (i64.const 2)))
                  (i64.const 86400000)))
              (i64.add
                (local.get 3)
                (i64.const 86400000))
              (i64.ge_s
                (local.get 3)
                (i64.const 0))))
          (drop
            (call $midnight
              (local.get $out)
              (local.get 4)
              (i64.const 2)))
          (if ;; label = @2
            (i64.gt_s
              (local.tee 4
                (i64.sub
                  (local.get 2)
                  (local.get 4)))
              (local.get 2))
            (then
              (i64.store offset=16
                (local.get $out)
                (i64.const 0))
              (br 1 (;@1;)
                (i32.const 131840))))
          (i64.eq
            (local.get 4)
            (i64.const 1795564800000))))
      (then
        (call $note
          (local.get $out)
          (i32.const 2)
          (i32.const 0)
          (local.get 5))))
  )
